//! Terms of libraries by other names, and in English and French.

use super::pieces;
use super::words::Words;

/// What patrons say in place of a term, in English. Longer terms stand before those in them.
const ENGLISH: &[(&str, &str)] = &[
    ("interlibrary loan", "borrowing from another library"),
    ("library card", "membership pass"),
    ("study room", "group space"),
    ("study rooms", "group spaces"),
    ("meeting room", "conference space"),
    ("opening hours", "visiting times"),
    ("due date", "deadline"),
    ("check out", "take home"),
    ("reading room", "quiet hall"),
    ("borrowed", "rented"),
    ("borrowing", "renting"),
    ("borrow", "rent"),
    ("renewal", "extension"),
    ("renewed", "extended"),
    ("renew", "extend"),
    ("return", "give back"),
    ("returned", "given back"),
    ("overdue", "late"),
    ("fines", "penalties"),
    ("fine", "penalty"),
    ("fees", "charges"),
    ("fee", "charge"),
    ("reserve", "book ahead"),
    ("hold", "reservation"),
    ("holds", "reservations"),
    ("loan", "rental"),
    ("loans", "rentals"),
    ("librarian", "assistant"),
    ("librarians", "assistants"),
    ("staff", "employees"),
    ("printer", "copy machine"),
    ("print", "run off"),
    ("photocopy", "xerox"),
    ("catalogue", "book list"),
    ("catalog", "book list"),
    ("ebooks", "digital books"),
    ("ebook", "digital book"),
    ("audiobooks", "recorded books"),
    ("magazines", "periodicals"),
    ("journals", "periodicals"),
    ("articles", "papers"),
    ("computers", "pcs"),
    ("computer", "pc"),
    ("wifi", "wireless internet"),
    ("password", "pin"),
    ("account", "profile"),
    ("branch", "site"),
    ("branches", "sites"),
    ("children", "kids"),
    ("donate", "give away"),
    ("donation", "gift"),
    ("register", "sign up"),
    ("membership", "subscription"),
    ("member", "subscriber"),
    ("event", "happening"),
    ("events", "happenings"),
    ("card", "pass"),
    ("lost", "misplaced"),
    ("pay", "settle"),
    ("refund", "money back"),
];

/// The same in French.
const FRENCH: &[(&str, &str)] = &[
    ("carte de bibliothèque", "carte de membre"),
    ("prêt entre bibliothèques", "emprunt dans une autre bibliothèque"),
    ("salle de travail", "espace de groupe"),
    ("salles de travail", "espaces de groupe"),
    ("salle de réunion", "local de groupe"),
    ("horaires d’ouverture", "heures de visite"),
    ("heures d'ouverture", "heures de visite"),
    ("emprunter", "louer"),
    ("emprunté", "loué"),
    ("emprunt", "location"),
    ("prolonger", "rallonger"),
    ("renouveler", "rallonger"),
    ("renouvellement", "rallonge"),
    ("rendre", "rapporter"),
    ("retourner", "rapporter"),
    ("amende", "pénalité"),
    ("amendes", "pénalités"),
    ("frais", "coûts"),
    ("réserver", "retenir"),
    ("réservation", "commande"),
    ("prêt", "location"),
    ("prêts", "locations"),
    ("bibliothécaire", "employé"),
    ("bibliothécaires", "employés"),
    ("personnel", "employés"),
    ("imprimante", "photocopieuse"),
    ("imprimer", "tirer"),
    ("catalogue", "liste des livres"),
    ("livres numériques", "ebooks"),
    ("livre numérique", "ebook"),
    ("revues", "magazines"),
    ("ordinateurs", "pc"),
    ("ordinateur", "pc"),
    ("wifi", "internet sans fil"),
    ("mot de passe", "code"),
    ("compte", "profil"),
    ("annexe", "antenne"),
    ("annexes", "antennes"),
    ("enfants", "petits"),
    ("enfant", "petit"),
    ("donner", "offrir"),
    ("don", "cadeau"),
    ("inscription", "adhésion"),
    ("inscrire", "abonner"),
    ("abonnement", "adhésion"),
    ("carte", "badge"),
    ("perdu", "égaré"),
    ("payer", "régler"),
    ("remboursement", "restitution"),
    ("travail", "boulot"),
    ("école", "établissement"),
    ("voyage", "déplacement"),
];

/// Words in English and in French.
const BOTH: &[(&str, &str)] = &[
    ("a", "un"),
    ("about", "sur"),
    ("account", "compte"),
    ("address", "adresse"),
    ("all", "tous"),
    ("and", "et"),
    ("are", "sont"),
    ("article", "article"),
    ("articles", "articles"),
    ("at", "à"),
    ("audiobooks", "livres audio"),
    ("author", "auteur"),
    ("available", "disponible"),
    ("before", "avant"),
    ("book", "livre"),
    ("books", "livres"),
    ("borrow", "emprunter"),
    ("borrowed", "emprunté"),
    ("branch", "annexe"),
    ("can", "puis"),
    ("can", "peut"),
    ("card", "carte"),
    ("catalogue", "catalogue"),
    ("charge", "frais"),
    ("child", "enfant"),
    ("children", "enfants"),
    ("close", "fermer"),
    ("closed", "fermé"),
    ("computer", "ordinateur"),
    ("computers", "ordinateurs"),
    ("copies", "copies"),
    ("cost", "coûter"),
    ("database", "base de données"),
    ("day", "jour"),
    ("days", "jours"),
    ("desk", "bureau"),
    ("donate", "donner"),
    ("ebook", "livre numérique"),
    ("ebooks", "livres numériques"),
    ("email", "courriel"),
    ("event", "événement"),
    ("events", "événements"),
    ("fee", "frais"),
    ("film", "film"),
    ("films", "films"),
    ("find", "trouver"),
    ("fine", "amende"),
    ("fines", "amendes"),
    ("for", "pour"),
    ("free", "gratuit"),
    ("from", "de"),
    ("get", "obtenir"),
    ("have", "avoir"),
    ("help", "aide"),
    ("holiday", "vacances"),
    ("home", "maison"),
    ("hours", "heures"),
    ("hours", "horaires"),
    ("how", "comment"),
    ("how many", "combien"),
    ("how much", "combien"),
    ("i", "je"),
    ("if", "si"),
    ("in", "dans"),
    ("internet", "internet"),
    ("is", "est"),
    ("journals", "revues"),
    ("laptop", "ordinateur portable"),
    ("late", "retard"),
    ("librarian", "bibliothécaire"),
    ("library", "bibliothèque"),
    ("loan", "prêt"),
    ("long", "longtemps"),
    ("lost", "perdu"),
    ("magazines", "magazines"),
    ("many", "beaucoup"),
    ("meeting", "réunion"),
    ("money", "argent"),
    ("month", "mois"),
    ("music", "musique"),
    ("my", "mon"),
    ("new", "nouveau"),
    ("newspaper", "journal"),
    ("newspapers", "journaux"),
    ("number", "numéro"),
    ("of", "de"),
    ("on", "sur"),
    ("online", "en ligne"),
    ("open", "ouvert"),
    ("or", "ou"),
    ("parking", "stationnement"),
    ("password", "mot de passe"),
    ("pay", "payer"),
    ("phone", "téléphone"),
    ("print", "imprimer"),
    ("printer", "imprimante"),
    ("renew", "prolonger"),
    ("renew", "renouveler"),
    ("reservation", "réservation"),
    ("reserve", "réserver"),
    ("return", "rendre"),
    ("return", "retourner"),
    ("room", "salle"),
    ("rooms", "salles"),
    ("saturday", "samedi"),
    ("scan", "numériser"),
    ("scanner", "scanner"),
    ("school", "école"),
    ("search", "chercher"),
    ("student", "étudiant"),
    ("students", "étudiants"),
    ("study", "étude"),
    ("sunday", "dimanche"),
    ("teacher", "enseignant"),
    ("test", "test"),
    ("that", "que"),
    ("the", "la"),
    ("the", "le"),
    ("the", "les"),
    ("time", "heure"),
    ("to", "à"),
    ("today", "aujourd’hui"),
    ("tomorrow", "demain"),
    ("travel", "voyager"),
    ("use", "utiliser"),
    ("vaccine", "vaccin"),
    ("virus", "virus"),
    ("visit", "visiter"),
    ("want", "veux"),
    ("week", "semaine"),
    ("weeks", "semaines"),
    ("what", "quel"),
    ("what", "quels"),
    ("what", "quelle"),
    ("what", "quelles"),
    ("when", "quand"),
    ("where", "où"),
    ("which", "quel"),
    ("who", "qui"),
    ("why", "pourquoi"),
    ("wifi", "wifi"),
    ("with", "avec"),
    ("without", "sans"),
    ("work", "travail"),
    ("work", "travailler"),
    ("year", "année"),
    ("you", "vous"),
    ("your", "votre"),
    ("your", "vos"),
    ("do you have", "avez-vous"),
    ("can i", "puis-je"),
    ("i can", "puis-je"),
    ("i", "j"),
    ("is there", "y a-t-il"),
    ("how do i", "comment puis-je"),
    ("do i", "dois-je"),
    ("do i", "dois"),
    ("do you", "vous"),
    ("does", "est-ce que"),
    ("how long", "combien de temps"),
];

/// A text with each library term in it by another name; `None` where none is in it.
pub(super) fn by_another_name(text: &str, french: bool) -> Option<String> {
    let terms = if french { FRENCH } else { ENGLISH };
    let mut said = text.to_owned();
    let mut changed = false;
    // What was put in is not looked at again: it stands behind a mark until the end.
    let mut put_in: Vec<&str> = Vec::new();
    for (term, other) in terms {
        while let Some(at) = place(&said, term) {
            let mark = format!("\u{1}{}\u{1}", put_in.len());
            said.replace_range(at..at + term.len(), &mark);
            put_in.push(other);
            changed = true;
        }
    }
    for (at, other) in put_in.iter().enumerate() {
        said = said.replace(&format!("\u{1}{at}\u{1}"), other);
    }
    changed.then_some(said)
}

/// Where a term stands in a text as whole words, its first letter small or a capital.
fn place(text: &str, term: &str) -> Option<usize> {
    let small = text.to_lowercase();
    // Letters whose small form has another length would shift what follows.
    if small.len() != text.len() {
        return None;
    }
    let found = small.match_indices(term).map(|(at, _)| at);
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '\u{1}');
    found.into_iter().find(|&at| {
        ends(small[..at].chars().next_back()) && ends(small[at + term.len()..].chars().next())
    })
}

/// Of the words that mean something this share must be known in the other language, in hundredths.
const KNOWN_OF_HUNDRED: usize = 60;

/// A text word by word in the other language; what is not known stays as it is.
pub(super) fn in_another_language(text: &str, french: bool, words: &Words) -> Option<String> {
    let said = pieces(text);
    let (mut put, mut telling, mut known) = (Vec::new(), 0, 0);
    let mut at = 0;
    while at < said.len() {
        let found = (1..=3).rev().filter(|length| at + length <= said.len()).find_map(|length| {
            let phrase = said[at..at + length].join(" ");
            other_word(&phrase, french).map(|word| (word, length))
        });
        let tells = !words.is_small(&said[at]);
        telling += usize::from(tells);
        match found {
            Some((word, length)) => {
                known += usize::from(tells);
                put.push(word.to_owned());
                at += length;
            }
            None => {
                put.push(said[at].clone());
                at += 1;
            }
        }
    }
    (telling > 0 && known * 100 >= telling * KNOWN_OF_HUNDRED).then(|| put.join(" "))
}

fn other_word(phrase: &str, french: bool) -> Option<&'static str> {
    let mut pairs = BOTH.iter();
    if french {
        pairs.find(|(_, fr)| *fr == phrase).map(|(en, _)| *en)
    } else {
        pairs.find(|(en, _)| *en == phrase).map(|(_, fr)| *fr)
    }
}
