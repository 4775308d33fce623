# Toutes les phrases que Pollen dit en français. Règles : la réponse d’abord, des mots simples,
# honnête sur le doute et le temps, une personne toujours à portée, pas de point d’exclamation.

## Premier contact

first-contact = Je suis un programme de { $library }, pas une personne. Je garde ce que vous écrivez { $days } jours après notre dernier échange, puis je l’efface. /privacy en dit plus.

## Réponses

source-entry-dated = D’après la FAQ de la bibliothèque, vérifié le { $date }
source-entry = D’après la FAQ de la bibliothèque, sans date
source-named-dated = D’après « { $source } », vérifié le { $date }
source-named = D’après « { $source } », sans date
source-page-dated = D’après la page « { $page } » de la bibliothèque, vérifié le { $date }
source-page = D’après la page « { $page } » de la bibliothèque, sans date
source-facts-dated = D’après les renseignements de la bibliothèque, vérifié le { $date }
source-facts = D’après les renseignements de la bibliothèque, sans date
source-record = D’après le catalogue de la bibliothèque
source-foreign = { $source }, en { $language }
answer-by-link = Cette page de la bibliothèque y répond.
left-asked = Vous demandez aussi : « { $question } » Je ne le sais pas encore, j’ai donc demandé à un membre de l’équipe. { $expectation }
left-unsure = Vous demandez aussi : « { $question } » Je ne suis pas sûr d’avoir compris cette partie. Posez-la encore une fois à part, s’il vous plaît.
language-en = anglais
language-fr = français
language-other = une autre langue
language-own = Français

## Doute

choices = Je ne suis pas sûr d’avoir compris. Vouliez-vous dire :
records-found = Trouvé dans les collections :
records-maybe = Trouvé dans les collections, sans que tous les mots y soient :
records-more = { $count ->
    [one] Il y en a un de plus.
   *[other] Il y en a { $count } de plus.
}
records-none = Je n’ai rien trouvé pour « { $words } » dans le catalogue où je peux chercher. Cela ne veut pas dire que la bibliothèque ne l’a pas ; un membre de l’équipe peut chercher plus loin.
records-end = C’est tout ce que j’ai trouvé pour « { $words } ».
choices-one = Je ne suis pas sûr d’avoir compris. Est-ce cela :
choose-number = Écrivez un nombre de 1 à { $count }, ou demandez avec d’autres mots, s’il vous plaît.
choice-hours = Horaires d’ouverture
choice-fact = { $topic ->
    [closures] Jours de fermeture
    [address] Adresse
    [phone] Numéro de téléphone
    [email] Adresse électronique
   *[branches] Lieux
}
choice-page = { $page } : { $heading }
record-by = de { $creator }

## Une personne

asked-librarian = Je ne le sais pas encore, j’ai donc demandé à un membre de l’équipe. { $expectation }
passed-on = J’ai transmis votre question à l’équipe de la bibliothèque. { $expectation }
already-asked = L’équipe a déjà cette question. { $expectation }
added = Je l’ai ajouté à votre question pour l’équipe. { $expectation }
reopened = Je l’ai transmis à la personne qui vous a répondu. { $expectation }
ask-now = Que voulez-vous demander à l’équipe de la bibliothèque ? Écrivez-le en un seul message, s’il vous plaît.
unreadable = Votre message est chiffré et sa clé ne m’est pas parvenue : je ne peux pas le lire. Écrivez-le encore une fois, s’il vous plaît ; si cela ne suffit pas, un salon sans chiffrement convient.
too-fast = Vous écrivez plus vite que je ne lis. Attendez une minute, s’il vous plaît : ce que vous écrivez d’ici là, je ne le vois pas.
too-many-cases = { $count } de vos questions attendent déjà une réponse. Laissez d’abord l’équipe y répondre, ou retirez-en une.
expect-open = L’accueil est ouvert jusqu’à { $time } ; la réponse arrivera ici.
expect-open-always = L’accueil est ouvert ; la réponse arrivera ici.
expect-later-today = L’accueil ouvre aujourd’hui à { $time } ; la réponse arrivera ici.
expect-tomorrow = L’accueil ouvre demain à { $time } ; la réponse arrivera ici.
expect-weekday = L’accueil ouvre { $weekday } à { $time } ; la réponse arrivera ici.
expect-date = L’accueil ouvre le { $date } à { $time } ; la réponse arrivera ici.
expect-unknown = L’équipe la lira pendant les heures d’ouverture ; la réponse arrivera ici.
withdrawn = J’ai retiré votre question. Personne n’y répondra.
nothing-to-withdraw = Aucune de vos questions n’attend de réponse.
staff-signature = { $staff }, { $library }, à votre question : « { $question } »
staff-signature-erased = { $staff }, { $library }, à votre question

## Remerciements et avis

rated-helpful = Merci de me le dire.
rated-not-helpful = Merci de me le dire. Une personne de l’équipe peut mieux répondre.
too-old = Ce message est trop ancien, je ne sais plus de quoi il s’agissait. Écrivez votre question encore une fois, s’il vous plaît.

## Conversation

talk-hello = Bonjour. Posez-moi vos questions sur { $library } : horaires, prêts, collections. Une personne est toujours à portée.
talk-thanks = Je vous en prie.
talk-bye = Au revoir.
talk-robot = Je suis un programme de { $library }, pas une personne. Je réponds avec les mots de la bibliothèque, et je peux demander à l’équipe pour vous.
talk-how = Je suis un programme, donc toujours pareil. Que voulez-vous savoir ?
talk-insult = Je regrette de ne pas vous avoir aidé. Une personne de l’équipe peut prendre le relais.
talk-sorry = Ce n’est rien.
talk-fine = Très bien.
talk-wordless = Je ne sais lire que des mots. Écrivez votre question, s’il vous plaît.
talk-empty = Que voulez-vous demander ?
talk-too-long = C’est plus que je ne peux lire d’un coup. Demandez en moins de { $count } caractères, s’il vous plaît.

## Commandes

help = Demandez avec vos propres mots, ou écrivez :
    /hours – les horaires d’ouverture
    /find et un titre, un auteur ou un sujet – chercher dans les collections
    /person et une question – demander à l’équipe
    /privacy – ce qui est gardé, et combien de temps
    /mydata – ce que je sais de vous
    /forget – l’effacer
    /settings – votre langue, vos autres comptes
find-what = Que dois-je chercher ? Écrivez /find et un titre, un auteur ou un sujet.
privacy = Je suis un programme de { $library }. Pour répondre, je n’utilise que ce que vous écrivez ici. Je garde notre conversation, sous un pseudonyme, jusqu’à { $days } jours après notre dernier échange ou après la fin de votre demande ; ensuite je l’efface et ne garde que des nombres. L’équipe voit votre question quand elle lui est transmise, mais pas qui vous êtes. Personne d’autre ne la voit. Si vous associez des comptes, je garde lesquels vont ensemble jusqu’à ce que vous les dissociiez. /mydata montre ce que j’ai, /forget l’efface. Le réseau où vous écrivez garde sa propre copie, selon ses propres règles.
privacy-more = La notice complète de la bibliothèque : { $url }
mydata-nothing = Je n’ai rien sur vous.
mydata = Voici tout ce que j’ai sur vous, sous le pseudonyme { $pseudonym } :
mydata-chosen = Vous avez choisi qu’on vous réponde en { $language }.
mydata-language = Votre langue : { $language }.
mydata-turn = { $date }, { $time } : vous avez écrit « { $text } »
mydata-turn-erased = { $date }, { $time } : un message que vous avez supprimé
mydata-case = Question { $case } pour l’équipe, { $state ->
    [waits] en attente de réponse
    [answered] avec réponse
   *[closed] terminée
} : « { $text } »
mydata-case-topic = Question { $case } pour l’équipe, { $state ->
    [waits] en attente de réponse
    [answered] avec réponse
   *[closed] terminée
}, classée sous « { $topic } » : « { $text } »
mydata-code = Un code pour associer un compte, jusqu’à { $time }
mydata-wrong-codes = { $count ->
    [one] Un code erroné, à { $time }
   *[other] { $count } codes erronés, le premier à { $time }
}
mydata-account = Ce que j’ai sur votre compte { $account } :
mydata-kept = J’efface cela le { $date } si vous n’écrivez plus rien.
forget-ask = Dois-je effacer tout ce que j’ai sur vous ? Les questions qui attendent une réponse sont retirées aussi. Ce que vous lisez sur ce réseau y reste jusqu’à ce que vous le supprimiez.
forget-ask-linked = Dois-je effacer tout ce que j’ai sur vous, ici et sur vos comptes associés : { $accounts } ? Les questions qui attendent une réponse sont retirées aussi. Ce que vous lisez sur un réseau y reste jusqu’à ce que vous le supprimiez. Pour garder les autres comptes, écrivez d’abord /unlink.
forgotten = C’est effacé. Je ne sais plus rien de vous.
forget-kept = Je l’ai gardé.
settings-chosen = Je vous réponds en { $language }, comme vous l’avez choisi.
settings-any = Je vous réponds dans la langue où vous écrivez.
settings-alone = Aucun autre compte n’est associé à celui-ci.
settings-linked = Associés à ce compte : { $accounts }.
settings-typed = Pour changer cela, écrivez /settings et une langue, /link ou /unlink.
speak-chosen = Désormais je vous réponds en { $language }. Les mots de la bibliothèque restent dans la langue où ils ont été écrits.
speak-any = Désormais je vous réponds dans la langue où vous écrivez.

## Comptes associés

account = { $network } ({ $pseudonym })
link-code = Pour associer un autre de vos comptes, écrivez-y : /link { $code }
    Ce code sert une seule fois, jusqu’à { $time }. Ne le donnez à personne : qui l’écrit peut voir et effacer ce que j’ai sur vous.
link-confirm = Si le compte d’où vient cette adresse est le vôtre, associez-le en écrivant ici : /link { $code }
    Depuis chacun des deux, vous pourrez alors voir et effacer ce que j’ai sur vous dans les deux. S’il n’est pas à vous, n’écrivez rien.
link-wrong = Je ne connais pas ce code : il est mal écrit, déjà utilisé ou trop ancien. Écrivez /link depuis votre autre compte pour en recevoir un nouveau.
link-own = Ce code a été donné à ce compte-ci. Écrivez-le depuis l’autre, s’il vous plaît.
link-already = Ces deux comptes sont déjà associés.
link-too-many = On ne peut pas associer plus de { $count } comptes entre eux.
link-wait = Il y a eu trop de codes erronés. Réessayez après { $time }, s’il vous plaît.
linked = Associés maintenant à ce compte : { $accounts }. Depuis chacun d’eux, /mydata montre et /forget efface ce que j’ai sur vous dans tous.
linked-elsewhere = Par un code à usage unique, voici ce qui est maintenant associé à ce compte : { $accounts }. Depuis chacun d’eux, /mydata montre et /forget efface ce que j’ai sur vous dans tous. Si ce n’était pas vous, dissociez-le.
unlinked = Plus aucun autre compte n’est associé à celui-ci. Ce que j’ai sur vous dans chacun y reste.
unlinked-elsewhere = N’est plus associé à ce compte : { $account }. Ce que j’ai sur vous dans chacun y reste.
only-directly = Je n’y réponds que là où personne d’autre ne lit : dans une conversation privée avec moi.
only-directly-words = Je n’y réponds que là où personne d’autre ne lit. Écrivez-moi { $command } dans une conversation privée, s’il vous plaît.
sent-directly = Je vous ai répondu dans notre conversation privée.

## Horaires et renseignements

hours-open-now = { $branch } : ouvert en ce moment, jusqu’à { $time }.
hours-open-now-always = { $branch } : ouvert en ce moment.
hours-closed-now-today = { $branch } : fermé en ce moment. Ouverture aujourd’hui à { $time }.
hours-closed-now-tomorrow = { $branch } : fermé en ce moment. Ouverture demain à { $time }.
hours-closed-now-weekday = { $branch } : fermé en ce moment. Ouverture { $weekday } à { $time }.
hours-closed-now-date = { $branch } : fermé en ce moment. Ouverture le { $date } à { $time }.
hours-closed-now = { $branch } : fermé en ce moment.
hours-unknown = La bibliothèque ne m’a pas donné les horaires de { $branch }.
hours-day = { $branch } : ouvert { $day }, { $spans }.
hours-day-over = { $branch } était ouvert { $day }, { $spans }.
hours-day-closed = { $branch } : fermé { $day }.
hours-day-closed-because = { $branch } : fermé { $day } ({ $reason }).
hours-at-open = Oui. { $branch } est ouvert { $day } à { $time } : { $spans }.
hours-at-closed = Non. { $branch } n’est pas ouvert { $day } à { $time } : { $spans }.
hours-part-closed =
    Non. { $branch } n’est pas ouvert { $day } { $part ->
        [morning] dans la matinée
        [afternoon] dans l’après-midi
       *[evening] en soirée
    } : { $spans }.
hours-week = { $branch } : { $days }.
hours-week-days = { $days } { $spans }
hours-week-closed = { $days } fermé
hours-range = { $from } à { $to }
hours-span = de { $from } à { $to }
hours-closure = { $branch } : fermé { $range } ({ $reason }).
hours-closure-bare = { $branch } : fermé { $range }.
hours-special = { $branch } : horaires particuliers { $day }, { $spans }.
hours-no-closures = Aucun jour de fermeture ni d’horaires particuliers n’est annoncé pour { $branch }.
range-day = le { $from }
range-days = du { $from } au { $to }
banner-closed = { $branch } : fermé aujourd’hui ({ $reason }).
banner-closed-bare = { $branch } : fermé aujourd’hui.
address = { $branch } : { $value }
address-unknown = La bibliothèque ne m’a pas donné l’adresse de { $branch }.
phone = { $branch } : { $value }
phone-unknown = La bibliothèque ne m’a pas donné de numéro de téléphone pour { $branch }.
email = { $branch } : { $value }
email-unknown = La bibliothèque ne m’a pas donné d’adresse électronique pour { $branch }.
branches-list = { $library } a { $count ->
    [one] un seul lieu
   *[other] { $count } lieux
} : { $names }.
nearest-open = Le lieu ouvert le plus proche de vous : { $branch }, à { $distance }. Ouvert jusqu’à { $time }.
nearest-open-always = Le lieu ouvert le plus proche de vous : { $branch }, à { $distance }.
nearest-branch = Le lieu le plus proche de vous : { $branch }, à { $distance }.
nearest-all-closed = Aucun lieu n’est ouvert en ce moment. Le plus proche de vous : { $branch }, à { $distance }. Ouverture { $when }.
nearest-first = { $branch } ouvre avant, { $when }.
nearest-first-away = { $branch }, à { $distance } de vous, ouvre avant, { $when }.
no-branches = La bibliothèque ne m’a pas encore donné ses adresses et ses horaires.
day-today = aujourd’hui
day-tomorrow = demain
day-weekday = { $weekday } { $date }

when-today = aujourd’hui à { $time }
when-tomorrow = demain à { $time }
when-weekday = { $weekday } à { $time }
when-date = le { $date } à { $time }

## Dates, heures et distances

weekday = { $day ->
    [1] lundi
    [2] mardi
    [3] mercredi
    [4] jeudi
    [5] vendredi
    [6] samedi
   *[7] dimanche
}
date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month } { $year }
date-short = { $day ->
    [1] 1er
   *[other] { $day }
} { $month }
month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
}
time = { $hour } h { $minute }
time-whole = { $hour } h
distance-near = moins de 100 m
distance-metres = { $metres } m
distance-km = { $km } km
distance-km-tenths = { $km },{ $tenths } km
distance-far = plus de 1 000 km
and = { $first } et { $last }

## Boutons

button-helpful = Utile
button-not-helpful = Pas utile
button-person = Demander à une personne
button-more = Plus
button-back = Retour
button-withdraw = Laisser tomber
button-forget = Tout effacer
button-keep = Garder
button-speak-any = La langue où j’écris
button-link = Associer un autre compte
button-unlink = Dissocier
button-open-direct = Ouvrir la conversation privée
button-claim = Prendre
button-release = Rendre
button-show = Voir
button-close = Fermer

## Le bureau

desk-case = demande { $case } · { $question }
desk-case-erased = demande { $case } · (mots effacés)
desk-asked = personne { $patron } sur { $network }, en { $language }, { $date } { $time }
desk-topic = sujet : { $topic }
desk-topic-guessed = sujet : { $topic }, à ce qu’il semble
desk-for = pour { $staff }
desk-claimed-by = prise par { $staff }
desk-answered-by = répondue par { $staff }
desk-closed = close
desk-attachment = joint : { $name }
desk-line-patron = la personne : { $text }
desk-line-staff = { $staff } à la personne : { $text }
desk-line-note = note de { $staff } : { $text }
desk-line-erased = (mots effacés)
desk-same = Celles-ci demandent la même chose ; « reply { $case } +{ $other } … » leur envoie aussi votre réponse :
desk-waits = la demande { $case } attend toujours · { $question }
desk-queue = { $count ->
    [0] Rien n’attend.
    [one] Une demande attend :
   *[other] { $count } demandes attendent :
}
desk-queue-of = { $count ->
    [0] Rien n’attend sous « { $topic } ».
    [one] Une demande attend sous « { $topic } » :
   *[other] { $count } demandes attendent sous « { $topic } » :
}
desk-queue-more = { $count } de plus attendent.
desk-claimed = la demande { $case } est à { $staff }.
desk-released = la demande { $case } attend qui voudra.
desk-assigned = la demande { $case } est à { $to }, de la part de { $staff }.
desk-answered = demande { $case } répondue par { $staff }.
desk-answered-also = demande { $case } répondue par { $staff }, et avec les mêmes mots { $others }.
desk-noted = demande { $case } : note de { $staff } gardée.
desk-topic-set = demande { $case } · sujet : { $topic }, choisi par { $staff }
desk-topic-none = demande { $case } · plus de sujet, retiré par { $staff }
desk-topics = Les sujets sont { $topics }. « topic { $case } » suivi de l’un d’eux dit le sujet de la demande { $case } ; « topic { $case } - » le retire.
desk-no-topic = Il n’y a pas de sujet « { $topic } ». Les sujets sont { $topics }.
desk-no-topics = Il n’y a pas encore de sujets : aucune entrée de la FAQ de la bibliothèque ne porte d’étiquette, et les réglages n’en nomment aucun.
desk-closed-by = demande { $case } close par { $staff }.
desk-closed-quiet = demande { $case } close : rien d’autre n’est venu.
desk-withdrawn = la demande { $case } a été retirée par la personne.
desk-found = demande { $case } close : la question a changé et a trouvé sa réponse.
desk-erased = la demande { $case } a été effacée à la demande de la personne.
desk-follow-up = la demande { $case } est rouverte · { $text }
desk-added = demande { $case } · la personne ajoute : { $text }
desk-edited = la demande { $case } dit maintenant : { $text }
desk-link-down = Plus personne ne reçoit de réponse sur { $network } : le réseau ne me laisse plus entrer. Qui fait tourner le programme en voit la raison dans son journal ou avec « pollen doctor », et le redémarre une fois la chose réglée.
desk-undelivered = demande { $case } : la réponse n’a pas pu être remise. La personne n’est pas joignable sur { $network }.
desk-maybe-delivered = demande { $case } : personne ne sait si la réponse est arrivée.
desk-trying-direct = demande { $case } : la réponse n’a pas pu être remise là où la question a été posée, elle part donc dans la conversation privée de la personne.
desk-trying-aside = demande { $case } : la conversation privée de la personne est fermée, la réponse part donc là où la question a été posée, pour elle seule.
desk-trying-linked = demande { $case } : la réponse n’a pas pu être remise là où la question a été posée, elle part donc vers le compte associé de la personne sur { $network }.
desk-not-helpful = demande { $case } : la personne dit que la réponse n’a pas aidé.
desk-no-case = Il n’y a pas de demande { $case }.
desk-case-over = la demande { $case } est close. « show { $case } » la montre.
desk-others = la demande { $case } est à { $owner }. « assign { $case } to { $staff } » vous la donne.
desk-also-not = la demande { $case } n’attend pas, elle n’a donc pas reçu la réponse. Rien n’a été envoyé.
desk-reply-empty = Il n’y a pas de texte à envoyer. Écrivez : reply { $case } et votre réponse.
desk-too-long = C’est plus long que { $count } caractères. Rien n’a été envoyé.
desk-not-staff = { $who } ne figure pas sur la liste de l’équipe, rien n’a donc été fait.
desk-file = Les fichiers ne peuvent pas être transmis, rien n’a donc été envoyé pour la demande { $case }. Répondez en mots, au besoin avec un lien.
desk-unclear = Je n’ai pas compris « { $text } ». « help » dit ce que vous pouvez écrire.
desk-help = Ce que vous pouvez écrire au bureau :
    queue – ce qui attend
    queue rooms – ce qui attend sous un sujet
    show 1 – une demande avec sa conversation
    claim 1, release 1, assign 1 to ana
    topic 1 rooms – le sujet d’une demande ; topic 1 – les sujets qu’il y a
    reply 1 votre réponse – la personne lit exactement ces mots
    reply 1 +3 +4 votre réponse – les mêmes mots aux demandes 3 et 4 aussi
    note 1 une note – seule l’équipe la lit
    close 1 – sans un mot à la personne
