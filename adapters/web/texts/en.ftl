# The pages' own sentences, in English. What the bot says stands in bot/texts.

# The chat.
chat-title = Ask { $library }
chat-label = Conversation with { $library }
skip = To the message box
leave = Close the conversation
language-name = English
welcome = Ask { $library }
welcome-program = I am a program. I answer from the library’s own pages and catalogue. What I do not know goes to a librarian, and the answer comes here.
you = You
changed = changed
taken-back = You took this back.
own-line = Change
edit-label = Your words
edit-button = Save
delete-button = Take it back
answer = Answer this
answering = You answer the librarian.
answering-not = Ask something else
typing = { $library } is writing
newer = A new answer stands below
look-again = Load the page again to see what is new
commands = Commands
command-hours = Opening hours
command-person = Ask a person
command-help = Help
command-privacy = Privacy
command-mydata = My data
command-forget = Forget me
say-label = Your question
say-placeholder = Write your question
say-hint = Enter sends it; Shift and Enter begin a new line.
say-button = Send
link-back = Link to this conversation, to read the answer on another device
link-copied = The link is copied. Whoever has it can read this conversation.
link-other = This link leads to another conversation than the one that you have here.
link-take = Open it in this browser
link-stay = Stay with the one I have
back-to-chat = To the conversation
lost = The connection is lost. I keep trying; nothing that you sent is lost.
connected-again = Connected again.
not-sent = That was not sent. Your words are still here; send them again in a moment.
sent-when-back = There is no connection. Your words are sent as soon as it is back.

# What cannot be done.
error-too-fast = You write faster than I can read. Wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}, then send it again; your words are still here.
error-too-long = That is longer than I can read. Shorten it and send it again.
error-too-big = That is larger than I can take. Nothing was kept of it.
error-slow = That took too long to arrive. Nothing was kept of it; send it again.
error-forged = This page is out of date, so nothing was done. Load it again and repeat what you did.
error-signed-out = You are signed out. Nothing was done; sign in and repeat it.
error-not-done = That was not sent. The desk says why, and your words are still here.
error-not-found = There is nothing at this address.
error-erased = What this link led to has been erased.
error-unavailable = I am starting again and cannot take anything in. Try again in a moment.
error-full = Too many people are here at this moment. Try again in half a minute.

# The desk.
desk-title = Desk of { $library }
desk-skip = To the case
sign-in-name = Your name
sign-in-name-hint = One word; patrons read it under your answers.
sign-in-password = The desk’s password
sign-in-button = Sign in
sign-in-wrong = Name or password are not right.
sign-in-bad-name = A name is one word of letters and digits, at most 32 of them.
sign-in-no-password = No password has been set yet. Whoever runs the program sets one with: pollen init --password
sign-out-button = Sign out
desk-queue = What waits
desk-waiting = { $count ->
    [0] Nothing waits
    [one] One case waits
   *[other] { $count } cases wait
}
desk-none-wait = New questions appear here by themselves.
desk-answered = Answered, still open
desk-number = case { $case }
desk-erased = (words erased)
desk-case = Case
desk-choose = Choose a case to read its conversation and to answer it.
desk-to-queue = To what waits
desk-lately = Lately at the desk
desk-words = A word of the desk
desk-words-placeholder = queue, show 1, help
desk-words-button = Do it
desk-conversation = Conversation
desk-patron = Patron
desk-note-by = Note by { $staff }
desk-claim = Claim
desk-close = Close without an answer
desk-close-answered = Close the case
desk-release = Give it back
desk-reply-label = Your answer
desk-reply-button = Send the answer
desk-preview-button = Preview
desk-preview-hint = The patron will read:
desk-same = These ask the same. Those you tick receive this answer too:
desk-note-title = Write a note
desk-note-label = Only staff see it
desk-note-button = Keep the note
desk-assign-title = Hand it to a colleague
desk-assign-label = Their name
desk-assign-button = Hand it over
desk-topics = Topics
desk-topics-all = All
desk-topic-title = Say what it is about
desk-topic-label = Topic
desk-topic-none = none of these
desk-topic-button = Keep the topic
state-open = waits
state-claimed = { $staff } has it
state-answered = answered by { $staff }
state-closed = closed
