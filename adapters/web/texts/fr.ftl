# Les phrases des pages, en français. Ce que dit le programme se trouve dans bot/texts.

# La conversation.
chat-title = Interroger { $library }
chat-label = Conversation avec { $library }
skip = Aller au champ de saisie
leave = Fermer la conversation
language-name = Français
welcome = { $library } vous répond
welcome-program = Je suis un programme. Je réponds d’après les pages et le catalogue de la bibliothèque. Ce que je ne sais pas, je le transmets à une personne de l’équipe, et la réponse arrive ici.
you = Vous
changed = modifié
taken-back = Vous avez retiré ce message.
own-line = Modifier
edit-label = Vos mots
edit-button = Enregistrer
delete-button = Retirer ce message
answer = Répondre
answering = Vous répondez à la personne de l’équipe.
answering-not = Poser une autre question
typing = { $library } écrit
newer = Une nouvelle réponse se trouve plus bas
look-again = Recharger la page pour voir ce qui est nouveau
commands = Commandes
command-hours = Horaires
command-person = Parler à une personne
command-help = Aide
command-privacy = Confidentialité
command-mydata = Mes données
command-forget = Oubliez-moi
say-label = Votre question
say-placeholder = Écrivez votre question
say-hint = La touche Entrée envoie ; Majuscule et Entrée commencent une ligne.
say-button = Envoyer
link-back = Lien vers cette conversation, pour lire la réponse sur un autre appareil
link-copied = Le lien est copié. Quiconque le possède peut lire cette conversation.
link-other = Ce lien mène à une autre conversation que celle que vous avez ici.
link-take = L’ouvrir dans ce navigateur
link-stay = Garder celle que j’ai
back-to-chat = Vers la conversation
lost = La connexion est perdue. J’essaie encore ; rien de ce que vous avez envoyé n’est perdu.
connected-again = Connexion rétablie.
not-sent = Le message n’est pas parti. Vos mots sont toujours là ; renvoyez-les dans un instant.
sent-when-back = Il n’y a pas de connexion. Vos mots partiront dès qu’elle sera rétablie.

# Ce qui n’est pas possible.
error-too-fast = Vous écrivez plus vite que je ne lis. Attendez { $seconds ->
    [one] une seconde
   *[other] { $seconds } secondes
}, puis renvoyez le message ; vos mots sont toujours là.
error-too-long = C’est plus long que ce que je peux lire. Raccourcissez et renvoyez.
error-too-big = C’est plus gros que ce que je peux recevoir. Rien n’en a été gardé.
error-slow = L’envoi a pris trop de temps. Rien n’en a été gardé ; renvoyez-le.
error-forged = Cette page n’est plus à jour, donc rien n’a été fait. Rechargez-la et recommencez.
error-signed-out = Votre session est terminée. Rien n’a été fait ; identifiez-vous et recommencez.
error-not-done = Cela n’est pas parti. Le bureau dit pourquoi, et vos mots sont toujours là.
error-not-found = Il n’y a rien à cette adresse.
error-erased = Ce à quoi menait ce lien a été effacé.
error-unavailable = Je redémarre et ne peux rien recevoir. Réessayez dans un instant.
error-full = Il y a trop de monde en ce moment. Réessayez dans une demi-minute.

# Le bureau.
desk-title = Bureau de { $library }
desk-skip = Aller à la demande
sign-in-name = Votre nom
sign-in-name-hint = En un seul mot ; il se lit sous vos réponses.
sign-in-password = Le mot de passe du bureau
sign-in-button = S’identifier
sign-in-wrong = Le nom ou le mot de passe ne convient pas.
sign-in-bad-name = Un nom est un seul mot, fait de lettres et de chiffres, 32 au plus.
sign-in-no-password = Aucun mot de passe n’est encore choisi. La personne qui gère le programme en choisit un avec : pollen init --password
sign-out-button = Se déconnecter
desk-queue = Ce qui attend
desk-waiting = { $count ->
    [0] Rien n’attend
    [one] Une demande attend
   *[other] { $count } demandes attendent
}
desk-none-wait = Les nouvelles questions apparaissent ici d’elles-mêmes.
desk-answered = Répondues, encore ouvertes
desk-number = demande { $case }
desk-erased = (mots effacés)
desk-case = Demande
desk-choose = Choisissez une demande pour lire sa conversation et y répondre.
desk-to-queue = Vers ce qui attend
desk-lately = Dernièrement au bureau
desk-words = Un mot du bureau
desk-words-placeholder = queue, show 1, help
desk-words-button = Valider
desk-conversation = Conversation
desk-patron = La personne
desk-note-by = Note de { $staff }
desk-claim = Prendre
desk-close = Fermer sans réponse
desk-close-answered = Fermer la demande
desk-release = Rendre
desk-reply-label = Votre réponse
desk-reply-button = Envoyer la réponse
desk-preview-button = Aperçu
desk-preview-hint = Voici ce qui sera lu :
desk-same = Ces demandes posent la même question. Celles que vous cochez reçoivent aussi cette réponse :
desk-note-title = Écrire une note
desk-note-label = Seule l’équipe la voit
desk-note-button = Garder la note
desk-assign-title = Confier à une collègue ou à un collègue
desk-assign-label = Son nom
desk-assign-button = Confier
desk-topics = Sujets
desk-topics-all = Tout
desk-topic-title = Dire de quoi il s’agit
desk-topic-label = Sujet
desk-topic-none = aucun de ceux-ci
desk-topic-button = Garder le sujet
state-open = en attente
state-claimed = { $staff } s’en charge
state-answered = réponse de { $staff }
state-closed = fermée
