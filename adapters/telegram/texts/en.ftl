# What Telegram shows of the bot by itself, in English. What the bot says stands in bot/texts.

about =
    Ask { $library } about opening hours, borrowing and everything else, or search its collections. I am a program: I answer in the library's own words, say where they are from, and ask a librarian when I do not know.
    /privacy says what is kept.
about-short = Your questions to { $library }. A program answers; a librarian is one tap away.

command-ask = Ask the library
command-hours = When the library is open
command-find = Search the collections
command-person = Ask a librarian
command-help = What I can do
command-settings = Your language, your accounts
command-link = Link another account of yours
command-privacy = What is kept, and for how long
command-mydata = What I have about you
command-forget = Erase what I have about you

desk-command-queue = What waits for an answer
desk-command-help = What staff can do here

staff-only = Only staff can do this.
not-yours = This is below somebody else’s question. Ask yours, and you get your own.

# Inline mode: above the results, and below what is shared.
share-ask = Ask in our chat
share-nothing = Nothing found; ask in our chat
share-open = Ask the library
