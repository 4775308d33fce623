# What Discord shows of the bot by itself, in English. What the bot says stands in bot/texts.

# A command's name is what people type; those of other languages lead to the same.
name-ask = ask
name-hours = hours
name-find = find
name-person = person
name-help = help
name-settings = settings
name-link = link
name-unlink = unlink
name-privacy = privacy
name-mydata = mydata
name-forget = forget
name-message = Ask the library about this

command-ask = Ask the library
command-hours = When the library is open
command-find = Search the collections
command-person = Ask a librarian
command-help = What I can do
command-settings = Your language, your accounts
command-link = Link another account of yours
command-unlink = Unlink your accounts
command-privacy = What is kept, and for how long
command-mydata = What I have about you
command-forget = Erase what I have about you

option-question = question
option-question-about = Your question, in your own words
option-words = words
option-words-about = A title, a name, a subject
option-branch = branch
option-branch-about = Which branch, if there are several
option-code = code
option-code-about = The code that your other account was given

share-here = Share here
button-reply = Reply
button-note = Note
form-reply = Case { $case }: your answer
form-reply-field = What the patron will read
form-note = Case { $case }: a note
form-note-field = What only staff will see
cannot-read = I cannot read what is written here unless it answers me or names me. The button opens a form for your answer.

aside-thread = Your answer
longer-thread = A talk with the library
answer-waits = There is an answer for you.
read-answer = Read my answer
read-on = Read on
answer-gone = This answer is kept no longer. Ask again, and you get a new one.
not-your-answer = This answer is for somebody else.

staff-only = Only staff can do this.
not-yours = This is below somebody else’s question. Ask yours, and you get your own.
unknown-button = I do not know this button any more. Ask again, and you get new ones.
