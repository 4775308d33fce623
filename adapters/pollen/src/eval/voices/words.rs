//! Small words, abbreviations, and the sentences that people put around a question.

/// What a language brings to the voices.
pub(super) struct Words {
    /// Words that tell nothing of what is asked.
    small: &'static [&'static str],
    /// Words that a learner leaves out.
    pub(super) left_out: &'static [&'static str],
    /// What a learner begins with.
    pub(super) learner: &'static str,
    /// Words and how they are written in a hurry.
    pub(super) short: &'static [(&'static str, &'static str)],
    /// Long polite paragraphs around a question.
    pub(super) polite: &'static [&'static str],
    /// Stories around a question.
    pub(super) stories: &'static [&'static str],
}

impl Words {
    /// Whether a word, in small letters, tells nothing of what is asked.
    pub(super) fn is_small(&self, word: &str) -> bool {
        self.small.contains(&word)
    }
}

pub(super) static ENGLISH: Words = Words {
    small: &[
        "a", "about", "am", "an", "and", "any", "are", "at", "be", "been", "by", "can", "could",
        "did", "do", "does", "for", "from", "get", "had", "has", "have", "he", "how", "i", "if",
        "in", "is", "it", "its", "just", "know", "like", "many", "may", "me", "much", "my", "need",
        "of", "on", "or", "please", "s", "she", "should", "so", "some", "t", "tell", "that", "the",
        "their", "them", "there", "they", "this", "to", "us", "want", "was", "we", "were", "what",
        "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
    ],
    left_out: &["a", "an", "the", "do", "does", "did", "is", "are", "am", "be", "been", "to"],
    learner: "please",
    short: &[
        ("as soon as possible", "asap"),
        ("you are", "ur"),
        ("are you", "r u"),
        ("i am", "im"),
        ("do not", "dont"),
        ("because", "cuz"),
        ("before", "b4"),
        ("people", "ppl"),
        ("please", "pls"),
        ("thanks", "thx"),
        ("tomorrow", "tmrw"),
        ("tonight", "2nite"),
        ("today", "2day"),
        ("minutes", "mins"),
        ("going to", "gonna"),
        ("want to", "wanna"),
        ("you", "u"),
        ("your", "ur"),
        ("are", "r"),
        ("to", "2"),
        ("for", "4"),
        ("what", "wat"),
        ("with", "w"),
        ("without", "w/o"),
        ("and", "n"),
    ],
    polite: &[
        "Good afternoon, I hope that this message finds you well. I have been coming to you for several years and have always been very happy. I have a small question to which I could not find an answer by myself. {} I would be most grateful for any help that you could give me. Thank you very much in advance, and have a lovely day. Kind regards, Margaret",
        "Dear Sir or Madam, I apologise for taking up your time, as I am sure that you are very busy. I was wondering whether you would be so kind as to help me with the following. {} Thank you for your patience and your understanding, it is very much appreciated. Yours sincerely",
        "Hello and good morning to the whole team! First of all thank you for the wonderful work that you do. I did look around but I am afraid that I got a little lost. {} If it is too much trouble please do not worry. With many thanks and warm wishes",
    ],
    stories: &[
        "So yesterday my sister came over with her two boys, and it was raining all afternoon so we were stuck inside, and while we were having tea we started to talk about it and nobody knew. {} My brother-in-law was sure that he knew but he is always sure about everything.",
        "I moved here in March from the other side of the country and I am still finding out how it all works. My neighbour told me one thing and a man at the bus stop told me another. {} It was different where I lived before.",
        "Funny story, I was on the train this morning and missed my stop because I was thinking about this the whole way. {} Now I am late for work, but at least I remembered to ask.",
    ],
};

pub(super) static FRENCH: Words = Words {
    small: &[
        "a", "à", "ai", "as", "au", "aux", "avec", "avez", "avoir", "ce", "cela", "ces", "cette",
        "comment", "d", "dans", "de", "des", "dois", "doit", "du", "elle", "en", "es", "est",
        "est-ce", "et", "êtes", "faire", "faut", "il", "ils", "j", "je", "l", "la", "le", "les",
        "leur", "ma", "me", "mes", "mon", "n", "ne", "nous", "on", "ont", "ou", "où", "par", "pas",
        "peut", "peut-on", "peux", "pour", "pouvez", "puis", "puis-je", "qu", "quand", "que",
        "quel", "quelle", "quelles", "quels", "qui", "quoi", "s", "sa", "se", "ses", "si", "son",
        "sont", "suis", "sur", "t", "un", "une", "va", "veux", "vos", "votre", "vous", "y",
        "y-a-t-il", "a-t-il", "a-t-on", "c", "sera", "être",
    ],
    left_out: &["le", "la", "les", "l", "un", "une", "des", "du", "est-ce", "que", "qu", "y"],
    learner: "bonjour",
    short: &[
        ("est-ce que", "esk"),
        ("s il vous plait", "svp"),
        ("je suis", "chui"),
        ("c est", "c"),
        ("quelque chose", "qqch"),
        ("quelqu un", "qqn"),
        ("beaucoup", "bcp"),
        ("bibliotheque", "bibli"),
        ("pourquoi", "pk"),
        ("bonjour", "bjr"),
        ("maintenant", "mtn"),
        ("demain", "dmn"),
        ("toujours", "tjs"),
        ("quand", "kan"),
        ("pour", "pr"),
        ("dans", "ds"),
        ("avec", "ac"),
        ("vous", "vs"),
        ("nous", "ns"),
        ("tout", "tt"),
        ("que", "ke"),
        ("qui", "ki"),
        ("quel", "kel"),
        ("quelle", "kel"),
        ("quoi", "koi"),
        ("mon", "m"),
        ("temps", "tps"),
    ],
    polite: &[
        "Bonjour Madame, bonjour Monsieur, j’espère que vous allez bien. Je viens chez vous depuis plusieurs années et j’en ai toujours été très satisfaite. J’aurais une petite question à laquelle je n’ai pas su trouver la réponse toute seule. {} Je vous serais très reconnaissante de votre aide. Je vous remercie par avance et vous souhaite une excellente journée. Bien cordialement, Marguerite",
        "Madame, Monsieur, veuillez m’excuser de vous déranger, je me doute que vous êtes très occupés. Auriez-vous l’amabilité de m’éclairer sur le point suivant ? {} Merci de votre patience et de votre compréhension. Je vous prie d’agréer mes salutations distinguées.",
    ],
    stories: &[
        "Hier ma sœur est passée à la maison avec ses deux garçons, il a plu tout l’après-midi et en prenant le thé nous en avons parlé, mais personne ne savait. {} Mon beau-frère croyait savoir, mais il croit toujours tout savoir.",
        "J’ai emménagé ici en mars et je découvre encore comment tout cela fonctionne. Ma voisine me dit une chose et le boulanger une autre. {} C’était différent là où j’habitais avant.",
    ],
};
