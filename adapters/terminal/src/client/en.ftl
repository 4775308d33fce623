# What the terminal's own client says, in English.
welcome = You are talking with the library's program as { $name }. Ask in your own words; /help tells what it can do, /quit leaves.
welcome-room = You are in { $place } as { $name }. Begin with @pollen to speak to the program; /quit leaves.
welcome-desk = You are at the desk as { $name }. Type help to see what can be done; /quit leaves.
connecting = The program is not ready yet. I will keep trying; /quit leaves.
lost = The program has stopped answering. What you type is kept, and sent when it is back.
back = The program is back.
nothing-said = There is nothing you have said yet that could be changed.
edit-how = Write the new words after it: /edit when do you open on Sunday?
too-long = That is too long: a message may have 16,000 characters. Nothing of it was sent.
too-many-wait = Too many lines wait to be sent already. This one was not taken.
not-understood = The program did not understand this client. Both should be of the same version.
bad-name = “{ $name }” cannot be used as a name: take letters, digits, hyphens and dots, at most 32 of them.
bad-place = There is no such place for you. Patrons can be in a room, room-hall for example; the desk is for staff.
not-staff = “{ $name }” is not among the staff in pollen.toml, so the desk stays closed.
full = As many people are connected as the program takes. Try again when somebody has left.
unsent = { $count ->
    [one] One line could not be handed to the program.
   *[other] { $count } lines could not be handed to the program.
}
changed = (changed)
only-you = (only you see this)
