# Ce que Discord montre du programme de lui-même, en français. Ce que dit le programme se trouve dans bot/texts.

# Le nom d’une commande est ce que l’on tape ; ceux des autres langues mènent au même endroit.
name-ask = demander
name-hours = horaires
name-find = chercher
name-person = personne
name-help = aide
name-settings = reglages
name-link = associer
name-unlink = dissocier
name-privacy = confidentialite
name-mydata = mesdonnees
name-forget = oublier
name-message = Interroger la bibliothèque

command-ask = Poser une question à la bibliothèque
command-hours = Quand la bibliothèque est ouverte
command-find = Chercher dans les collections
command-person = Demander à une personne de l’équipe
command-help = Ce que je peux faire
command-settings = Votre langue, vos comptes
command-link = Associer un autre de vos comptes
command-unlink = Dissocier vos comptes
command-privacy = Ce qui est conservé, et combien de temps
command-mydata = Ce que j’ai à votre sujet
command-forget = Effacer ce que j’ai à votre sujet

option-question = question
option-question-about = Votre question, avec vos mots
option-words = mots
option-words-about = Un titre, un nom, un sujet
option-branch = lieu
option-branch-about = Quelle bibliothèque, s’il y en a plusieurs
option-code = code
option-code-about = Le code que votre autre compte a reçu

share-here = Montrer ici
button-reply = Répondre
button-note = Noter
form-reply = Demande { $case } : votre réponse
form-reply-field = Ce que la personne lira
form-note = Demande { $case } : une note
form-note-field = Ce que seule l’équipe verra
cannot-read = Je ne peux pas lire ce qui est écrit ici, sauf si l’on me répond ou me nomme. Le bouton ouvre un formulaire pour votre réponse.

aside-thread = Votre réponse
longer-thread = Discussion avec la bibliothèque
answer-waits = Une réponse vous attend.
read-answer = Lire ma réponse
read-on = Lire la suite
answer-gone = Cette réponse n’est plus conservée. Reposez votre question pour en avoir une nouvelle.
not-your-answer = Cette réponse est pour une autre personne.

staff-only = Seule l’équipe peut faire cela.
not-yours = Ceci répond à la question d’une autre personne. Posez la vôtre, et vous aurez votre réponse.
unknown-button = Je ne connais plus ce bouton. Demandez à nouveau, et vous en aurez d’autres.
