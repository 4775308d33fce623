# Every sentence that Pollen says in English. Rules: the answer first, plain words, honest about
# doubt and time, a person always one tap away, no exclamation marks.

## First contact

first-contact = I am a program of { $library }, not a person. I keep what you write for { $days } days after our last word, then I erase it. /privacy says more.

## Answers

source-entry-dated = From the library’s FAQ, verified on { $date }
source-entry = From the library’s FAQ, not dated
source-named-dated = From “{ $source }”, verified on { $date }
source-named = From “{ $source }”, not dated
source-page-dated = From the library’s page “{ $page }”, verified on { $date }
source-page = From the library’s page “{ $page }”, not dated
source-facts-dated = From the library’s own details, verified on { $date }
source-facts = From the library’s own details, not dated
source-record = From the library’s catalogue
source-foreign = { $source }, in { $language }
answer-by-link = This page of the library’s answers it.
left-asked = You also asked: “{ $question }” I do not know that yet, so I have asked a librarian. { $expectation }
left-unsure = You also asked: “{ $question }” I am not sure I understood that part. Please ask it once more on its own.
language-en = English
language-fr = French
language-other = another language
language-own = English

## Doubt

choices = I am not sure I understood. Did you mean:
records-found = Found in the collections:
records-maybe = Found in the collections, though not every word fits:
records-more = { $count ->
    [one] There is one more.
   *[other] There are { $count } more.
}
records-none = I found nothing for “{ $words }” in the catalogue that I can search. That does not mean the library does not have it; a librarian can look further.
records-end = That was all I found for “{ $words }”.
choices-one = I am not sure I understood. Do you mean this:
choose-number = Please write a number from 1 to { $count }, or ask in other words.
choice-hours = Opening hours
choice-fact = { $topic ->
    [closures] Days closed
    [address] Address
    [phone] Telephone number
    [email] E-mail address
   *[branches] Branches
}
choice-page = { $page }: { $heading }
record-by = by { $creator }

## A person

asked-librarian = I do not know that yet, so I have asked a librarian. { $expectation }
passed-on = I have passed your question on to a librarian. { $expectation }
already-asked = A librarian has this question already. { $expectation }
added = I have added this to your question for the librarian. { $expectation }
reopened = I have passed this on to the librarian who answered you. { $expectation }
ask-now = What would you like to ask a librarian? Please write it in one message.
unreadable = Your message is encrypted, and I did not get its key, so I cannot read it. Please write it once more; if I still cannot read it, a room without encryption works.
too-fast = You write faster than I can read. Please wait a minute: what you write until then I do not see.
too-many-cases = { $count } questions of yours wait for a librarian already. Please let them be answered first, or take one back.
expect-open = The desk is open now, until { $time }; the answer comes here.
expect-open-always = The desk is open now; the answer comes here.
expect-later-today = The desk opens today at { $time }; the answer comes here.
expect-tomorrow = The desk opens tomorrow at { $time }; the answer comes here.
expect-weekday = The desk opens on { $weekday } at { $time }; the answer comes here.
expect-date = The desk opens on { $date } at { $time }; the answer comes here.
expect-unknown = A librarian reads it during opening hours; the answer comes here.
withdrawn = I have taken your question back. Nobody will answer it.
nothing-to-withdraw = There is no question of yours waiting.
staff-signature = { $staff } of { $library }, to your question: “{ $question }”
staff-signature-erased = { $staff } of { $library }, to your question

## Thanks and ratings

rated-helpful = Thank you for telling me.
rated-not-helpful = Thank you for telling me. A librarian can answer this better.
too-old = That message is too old for me to know what it was about. Please write your question once more.

## Small talk

talk-hello = Hello. Ask me about { $library }: opening hours, borrowing, the collections. A person is always one tap away.
talk-thanks = You are welcome.
talk-bye = Goodbye.
talk-robot = I am a program of { $library }, not a person. I answer in the library’s own words, and I can ask a librarian for you.
talk-how = I am a program, so always the same. What would you like to know?
talk-insult = I am sorry this was no help. A librarian can take over.
talk-sorry = That is all right.
talk-fine = All right.
talk-wordless = I can only read words. Please write your question.
talk-empty = What would you like to ask?
talk-too-long = That is more than I can read at once. Please ask in fewer than { $count } characters.

## Commands

help = Ask in your own words, or write:
    /hours – opening hours
    /find and a title, author or subject – search the collections
    /person and a question – ask a librarian
    /privacy – what is kept, and for how long
    /mydata – what I know of you
    /forget – erase it
    /settings – your language, your other accounts
find-what = What shall I look for? Write /find and a title, an author or a subject.
privacy = I am a program of { $library }. To answer, I use only what you write here. I keep our conversation, under a pseudonym, until { $days } days after our last word or after your question is closed; then I erase it and keep only numbers. Librarians see your question when it is passed on to them, not who you are. Nobody else sees it. If you link accounts of yours, I keep which ones belong together until you unlink them. /mydata shows what I have, /forget erases it. The network you write on keeps its own copy, on its own terms.
privacy-more = The library’s whole notice: { $url }
mydata-nothing = I have nothing about you.
mydata = This is all that I have about you, under the pseudonym { $pseudonym }:
mydata-chosen = You chose to be answered in { $language }.
mydata-language = Your language: { $language }.
mydata-turn = { $date }, { $time }: you wrote “{ $text }”
mydata-turn-erased = { $date }, { $time }: a message that you deleted
mydata-case = Question { $case } for the librarians, { $state ->
    [waits] waiting for an answer
    [answered] answered
   *[closed] closed
}: “{ $text }”
mydata-case-topic = Question { $case } for the librarians, { $state ->
    [waits] waiting for an answer
    [answered] answered
   *[closed] closed
}, sorted under “{ $topic }”: “{ $text }”
mydata-code = A code to link an account with, until { $time }
mydata-wrong-codes = { $count ->
    [one] One wrong code, at { $time }
   *[other] { $count } wrong codes, the first at { $time }
}
mydata-account = What I have about your account { $account }:
mydata-kept = I erase this on { $date } if you write nothing more.
forget-ask = Shall I erase everything that I have about you? Questions that wait for a librarian are taken back too. What you read on this network stays there until you delete it.
forget-ask-linked = Shall I erase everything that I have about you, here and on your linked accounts: { $accounts }? Questions that wait for a librarian are taken back too. What you read on a network stays there until you delete it. To keep the other accounts, write /unlink first.
forgotten = Erased. I know nothing of you any more.
forget-kept = I have kept it.
settings-chosen = I answer you in { $language }, as you chose.
settings-any = I answer you in the language you write in.
settings-alone = No other account is linked with this one.
settings-linked = Linked with this account: { $accounts }.
settings-typed = To change this, write /settings and a language, /link or /unlink.
speak-chosen = From now on I answer you in { $language }. The library’s own words stay in the language they were written in.
speak-any = From now on I answer you in the language you write in.

## Linked accounts

account = { $network } ({ $pseudonym })
link-code = To link another account of yours, write there: /link { $code }
    It works once, until { $time }. Whoever writes it can see and erase what I have about you, so give it to nobody.
link-confirm = If the account that gave you this address is your own, link it by writing here: /link { $code }
    From each of the two you can then see and erase what I have about both. If it is not yours, write nothing.
link-wrong = I do not know that code: it is mistyped, used or too old. Write /link in your other account to get a new one.
link-own = That code was given to this very account. Please write it in your other one.
link-already = These two accounts are linked already.
link-too-many = No more than { $count } accounts can be linked with one another.
link-wait = Those were too many wrong codes. Please try again after { $time }.
linked = Linked with this account now: { $accounts }. From each of them /mydata shows, and /forget erases, what I have about you on all of them.
linked-elsewhere = By a one-time code these are linked with this account now: { $accounts }. From each of them /mydata shows, and /forget erases, what I have about you on all of them. If that was not you, unlink it.
unlinked = No other account is linked with this one any more. What I have about you on each stays there.
unlinked-elsewhere = No longer linked with this account: { $account }. What I have about you on each stays there.
only-directly = I answer this only where nobody else reads it: in a direct chat with me.
only-directly-words = I answer this only where nobody else reads it. Please write { $command } to me in a direct chat.
sent-directly = I have answered you in our direct chat.

## Hours and facts

hours-open-now = { $branch } is open now, until { $time }.
hours-open-now-always = { $branch } is open now.
hours-closed-now-today = { $branch } is closed now. It opens today at { $time }.
hours-closed-now-tomorrow = { $branch } is closed now. It opens tomorrow at { $time }.
hours-closed-now-weekday = { $branch } is closed now. It opens on { $weekday } at { $time }.
hours-closed-now-date = { $branch } is closed now. It opens on { $date } at { $time }.
hours-closed-now = { $branch } is closed now.
hours-unknown = The library has not told me the opening hours of { $branch }.
hours-day = { $branch } is open { $day }: { $spans }.
hours-day-over = { $branch } was open { $day }: { $spans }.
hours-day-closed = { $branch } is closed { $day }.
hours-day-closed-because = { $branch } is closed { $day }: { $reason }.
hours-at-open = Yes. { $branch } is open { $day } at { $time }: { $spans }.
hours-at-closed = No. { $branch } is not open { $day } at { $time }: { $spans }.
hours-part-closed = No. { $branch } is not open { $day } in the { $part }: { $spans }.
hours-week = { $branch }: { $days }.
hours-week-days = { $days } { $spans }
hours-week-closed = { $days } closed
hours-range = { $from } to { $to }
hours-span = { $from } to { $to }
hours-closure = { $branch } is closed { $range }: { $reason }.
hours-closure-bare = { $branch } is closed { $range }.
hours-special = { $branch } keeps other hours { $day }: { $spans }.
hours-no-closures = No day is announced on which { $branch } is closed or keeps other hours.
range-day = on { $from }
range-days = from { $from } to { $to }
banner-closed = { $branch } is closed today: { $reason }.
banner-closed-bare = { $branch } is closed today.
address = { $branch }: { $value }
address-unknown = The library has not told me the address of { $branch }.
phone = { $branch }: { $value }
phone-unknown = The library has not told me a telephone number of { $branch }.
email = { $branch }: { $value }
email-unknown = The library has not told me an e-mail address of { $branch }.
branches-list = { $library } has { $count ->
    [one] one branch
   *[other] { $count } branches
}: { $names }.
nearest-open = The nearest branch that is open now is { $branch }, { $distance } from you. It is open until { $time }.
nearest-open-always = The nearest branch that is open now is { $branch }, { $distance } from you.
nearest-branch = The nearest branch is { $branch }, { $distance } from you.
nearest-all-closed = No branch is open now. The nearest is { $branch }, { $distance } from you. It opens { $when }.
nearest-first = { $branch } opens before that, { $when }.
nearest-first-away = { $branch }, { $distance } from you, opens before that, { $when }.
no-branches = The library has not told me its addresses and hours yet.
day-today = today
day-tomorrow = tomorrow
day-weekday = on { $weekday } { $date }

when-today = today at { $time }
when-tomorrow = tomorrow at { $time }
when-weekday = on { $weekday } at { $time }
when-date = on { $date } at { $time }

## Dates, times and distances

weekday = { $day ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
date = { $day } { $month } { $year }
date-short = { $day } { $month }
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
time = { $hour }:{ $minute }
time-whole = { $hour }:00
distance-near = less than 100 m
distance-metres = { $metres } m
distance-km = { $km } km
distance-km-tenths = { $km }.{ $tenths } km
distance-far = more than 1,000 km
and = { $first } and { $last }

## Buttons

button-helpful = Helpful
button-not-helpful = Not helpful
button-person = Ask a person
button-more = More
button-back = Back
button-withdraw = Never mind
button-forget = Erase all of it
button-keep = Keep it
button-speak-any = The language I write in
button-link = Link another account
button-unlink = Unlink
button-open-direct = Open our direct chat
button-claim = Claim
button-release = Give back
button-show = Show
button-close = Close

## The desk

desk-case = case { $case } · { $question }
desk-case-erased = case { $case } · (words erased)
desk-asked = patron { $patron } on { $network }, in { $language }, { $date } { $time }
desk-topic = topic: { $topic }
desk-topic-guessed = topic: { $topic }, as far as I can tell
desk-for = for { $staff }
desk-claimed-by = { $staff } has it
desk-answered-by = answered by { $staff }
desk-closed = closed
desk-attachment = attached: { $name }
desk-line-patron = patron: { $text }
desk-line-staff = { $staff } to the patron: { $text }
desk-line-note = note by { $staff }: { $text }
desk-line-erased = (words erased)
desk-same = These ask the same; “reply { $case } +{ $other } …” sends them your answer too:
desk-waits = case { $case } still waits · { $question }
desk-queue = { $count ->
    [0] Nothing waits.
    [one] One case waits:
   *[other] { $count } cases wait:
}
desk-queue-of = { $count ->
    [0] Nothing waits under “{ $topic }”.
    [one] One case waits under “{ $topic }”:
   *[other] { $count } cases wait under “{ $topic }”:
}
desk-queue-more = { $count } more wait.
desk-claimed = case { $case } is { $staff }’s.
desk-released = case { $case } waits for anybody.
desk-assigned = case { $case } is { $to }’s, from { $staff }.
desk-answered = case { $case } answered by { $staff }.
desk-answered-also = case { $case } answered by { $staff }, and with the same words { $others }.
desk-noted = case { $case }: note by { $staff } kept.
desk-topic-set = case { $case } · topic: { $topic }, set by { $staff }
desk-topic-none = case { $case } · no topic any more, taken away by { $staff }
desk-topics = The topics are { $topics }. “topic { $case }” and one of them says what case { $case } is about; “topic { $case } -” takes it away.
desk-no-topic = There is no topic “{ $topic }”. The topics are { $topics }.
desk-no-topics = There are no topics yet: no entry of the library’s FAQ has a tag, and the settings name none.
desk-closed-by = case { $case } closed by { $staff }.
desk-closed-quiet = case { $case } closed: nothing more came.
desk-withdrawn = case { $case } was taken back by the patron.
desk-found = case { $case } closed: the patron changed the question and it was answered.
desk-erased = case { $case } was erased at the patron’s wish.
desk-follow-up = case { $case } is open again · { $text }
desk-added = case { $case } · the patron adds: { $text }
desk-edited = case { $case } now asks: { $text }
desk-link-down = Nobody is answered on { $network } any more: the network does not let me in. Whoever runs the program sees why in its log or with “pollen doctor”, and starts it anew once that is mended.
desk-undelivered = case { $case }: the answer could not be delivered. The patron cannot be reached on { $network }.
desk-maybe-delivered = case { $case }: nobody knows whether the answer arrived.
desk-trying-direct = case { $case }: the answer could not be delivered where it was asked, so it goes to the patron’s direct chat.
desk-trying-aside = case { $case }: the patron’s direct chat is closed, so the answer goes to where it was asked, for them alone.
desk-trying-linked = case { $case }: the answer could not be delivered where it was asked, so it goes to the patron’s linked account on { $network }.
desk-not-helpful = case { $case }: the patron says that the answer was not helpful.
desk-no-case = There is no case { $case }.
desk-case-over = case { $case } is closed. “show { $case }” shows it.
desk-others = case { $case } is { $owner }’s. “assign { $case } to { $staff }” makes it yours.
desk-also-not = case { $case } does not wait, so it was not sent the answer. Nothing was sent.
desk-reply-empty = There is no text to send. Write: reply { $case } and your answer.
desk-too-long = That is longer than { $count } characters. Nothing was sent.
desk-not-staff = { $who } is not on the list of staff, so nothing was done.
desk-file = Files cannot be passed on, so nothing was sent for case { $case }. Please answer in words, with a link if need be.
desk-unclear = I did not understand “{ $text }”. “help” says what you can write.
desk-help = What you can write at the desk:
    queue – what waits
    queue rooms – what waits under a topic
    show 1 – a case with its conversation
    claim 1, release 1, assign 1 to ana
    topic 1 rooms – what a case is about; topic 1 – which topics there are
    reply 1 your answer – the patron reads exactly these words
    reply 1 +3 +4 your answer – the same words to cases 3 and 4 too
    note 1 a note – only staff read it
    close 1 – without a word to the patron
