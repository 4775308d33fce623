# Ce que dit le terminal lui-même, en français.
welcome = Vous parlez avec le programme de la bibliothèque sous le nom de { $name }. Posez votre question avec vos mots ; /help dit ce qu’il sait faire, /quit permet de partir.
welcome-room = Vous êtes dans { $place } sous le nom de { $name }. Commencez par @pollen pour parler au programme ; /quit permet de partir.
welcome-desk = Vous êtes au bureau sous le nom de { $name }. Tapez help pour voir ce qui peut être fait ; /quit permet de partir.
connecting = Le programme n’est pas encore prêt. Je continue d’essayer ; /quit permet de partir.
lost = Le programme ne répond plus. Ce que vous tapez est gardé, et sera envoyé à son retour.
back = Le programme est de retour.
nothing-said = Vous n’avez encore rien dit qui puisse être changé.
edit-how = Écrivez ensuite les nouveaux mots : /edit quand ouvrez-vous le dimanche ?
too-long = C’est trop long : un message peut avoir 16 000 caractères. Rien n’en a été envoyé.
too-many-wait = Trop de lignes attendent déjà d’être envoyées. Celle-ci n’a pas été prise.
not-understood = Le programme n’a pas compris ce terminal. Les deux doivent être de la même version.
bad-name = « { $name } » ne peut pas servir de nom : prenez des lettres, des chiffres, des traits d’union et des points, 32 au plus.
bad-place = Ce lieu n’existe pas pour vous. Le public peut aller dans une salle, room-hall par exemple ; le bureau est pour le personnel.
not-staff = « { $name } » ne fait pas partie du personnel dans pollen.toml : le bureau reste fermé.
full = Le programme n’accepte pas plus de personnes en ce moment. Réessayez quand quelqu’un sera parti.
unsent = { $count ->
    [one] Une ligne n’a pas pu être remise au programme.
   *[other] { $count } lignes n’ont pas pu être remises au programme.
}
changed = (modifié)
only-you = (pour vous uniquement)
