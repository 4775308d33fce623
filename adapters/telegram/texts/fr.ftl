# Ce que Telegram montre du programme de lui-même, en français. Ce que dit le programme se trouve dans bot/texts.

about =
    Posez vos questions à { $library } sur les horaires, le prêt et tout le reste, ou cherchez dans ses collections. Je suis un programme : je réponds avec les mots de la bibliothèque, je dis d’où ils viennent, et je demande à une personne de l’équipe quand je ne sais pas.
    /privacy dit ce qui est conservé.
about-short = Vos questions à { $library }. Un programme répond, l’équipe n’est jamais loin.

command-ask = Poser une question à la bibliothèque
command-hours = Quand la bibliothèque est ouverte
command-find = Chercher dans les collections
command-person = Demander à une personne de l’équipe
command-help = Ce que je peux faire
command-settings = Votre langue, vos comptes
command-link = Relier un autre de vos comptes
command-privacy = Ce qui est conservé, et combien de temps
command-mydata = Ce que j’ai à votre sujet
command-forget = Effacer ce que j’ai à votre sujet

desk-command-queue = Ce qui attend une réponse
desk-command-help = Ce que l’équipe peut faire ici

staff-only = Seule l’équipe peut faire cela.
not-yours = Ceci répond à la question d’une autre personne. Posez la vôtre, et vous aurez votre réponse.

# Mode en ligne : au-dessus des résultats, et sous ce qui est partagé.
share-ask = Demander dans notre conversation
share-nothing = Rien trouvé ; demander dans notre conversation
share-open = Demander à la bibliothèque
