package lexrank

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/recording"
)

// kind is what is asked for.
type kind string

const (
	summary   kind = "summary"
	chapters  kind = "chapters"
	keywords  kind = "keywords"
	names     kind = "names"
	passages  kind = "passages"
	sentiment kind = "sentiment"
)

// ask is what a prompt and its hints ask for, as far as it is understood.
type ask struct {
	kind     kind
	count    int // of sentences, chapters, keywords, passages; 0: as many as seems right
	words    int // at most; 0: any number
	bullets  bool
	times    bool
	language string // to be written in; "": as it was said
	named    string // that language's name
	about    string // words that say what about, among others
}

// read understands a prompt.
func read(q recording.Question) ask {
	low := strings.ToLower(strings.ReplaceAll(q.Prompt, "’", "'"))
	a := ask{kind: kindOf(q.Hints.Subtype, low), about: low}
	a.bullets = bulleted.MatchString(low)
	a.times = timed.MatchString(low)
	for _, m := range counted.FindAllStringSubmatch(low, -1) {
		n := number(m[1])
		switch {
		case strings.HasPrefix(m[2], "word") || strings.HasPrefix(m[2], "wort") || strings.HasPrefix(m[2], "wört"):
			a.words = n
		case strings.HasPrefix(m[2], "paragraph"):
			a.count = 4 * n
		default:
			a.count = n
		}
		a.about = strings.Replace(a.about, m[0], " ", 1)
	}
	if q.Hints.Sentences > 0 {
		a.count = q.Hints.Sentences
	}
	a.count, a.words = min(a.count, maxCount), min(a.words, 100*maxCount)
	for _, m := range written.FindAllStringSubmatch(low, -1) {
		if code := languages[m[1]]; code != "" {
			a.language, a.named = code, strings.ToUpper(m[1][:1])+m[1][1:]
			a.about = strings.Replace(a.about, m[0], " ", 1)
		}
	}
	a.about = instruction.ReplaceAllString(a.about, " ")
	return a
}

const maxCount = 1000

// kindOf takes the hint before the prompt.
func kindOf(subtype, low string) kind {
	switch subtype {
	case "chapters":
		return chapters
	case "sentiment":
		return sentiment
	case "thematic", "topic":
		return keywords
	case "entity":
		return names
	case "summary":
		return summary
	}
	for _, p := range kinds {
		if p.pattern.MatchString(low) {
			return p.kind
		}
	}
	return summary
}

// kinds are tried in this order.
var kinds = []struct {
	kind    kind
	pattern *regexp.Regexp
}{
	{sentiment, regexp.MustCompile(`\b(sentiments?|moods?|tone of|emotions?|stimmung)\b`)},
	{chapters, regexp.MustCompile(`\b(chapters?|table of contents|outline|timeline|kapitel|chapitres?|capítulos?|capitoli)\b`)},
	{names, regexp.MustCompile(`\b(entit(y|ies)|names|people mentioned|organi[sz]ations mentioned|places mentioned)\b`)},
	{keywords, regexp.MustCompile(`\b(key ?words?|topics|themes|tags|stichw(ort|orte|örter)|schlagw(ort|orte|örter)|mots[- ]clés|palabras clave|parole chiave)\b`)},
	{summary, regexp.MustCompile(`\b(summ?ar\w*|overview|recap|abstract|synopsis|tl;?dr|gist|takeaways|(key|main) points|zusammenfass\w*|fass\w* .*zusammen|résum\w*|resum\w*|riass\w*)\b`)},
	{passages, regexp.MustCompile(`\?\s*$|^\s*(what|who|whom|whose|when|where|why|how|which|find|quote|was|wer|wann|wo|warum|wie|que|qué|quién|cuándo|dónde|por qué|cómo|qui|quand|où|pourquoi|comment|chi|quando|dove|perché)\b`)},
}

var (
	bulleted = regexp.MustCompile(`\bbullets?\b|\bbullet(ed)?[- ](points?|list)|\b(key|main) (points|takeaways)\b|\btakeaways\b|\blist of\b|\bstichpunkte?n?\b`)
	timed    = regexp.MustCompile(`\btime ?(codes?|stamps?)\b|\bwith times\b|\bzeitmarken\b`)
	counted  = regexp.MustCompile(`\b(\d{1,6}|an?|single|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|ein(?:em|en|e)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)[ -]+` +
		`(?:(?:short|brief|concise|simple|clear|key|main|important|most|bullet|single|long|kurzen?|wichtigsten?)[ -]+){0,3}` +
		`(sentences?|bullets?|points?|takeaways?|items?|lines?|words?|paragraphs?|key ?words?|topics?|themes?|chapters?|sections?|passages?|quotes?|sätzen?|satz|stichpunkten?|wörtern?|worten?|kapiteln?|phrases?|frases?|oraciones|frasi)\b`)
	written = regexp.MustCompile(`\b(?:in|into|auf|en|to|em)\s+([a-zç-ÿñ]+)`)
	// instruction are words of prompts that are about the answer, not about
	// what was said.
	instruction = regexp.MustCompile(`\b(summ?ar\w*|overview|recap|abstract|synopsis|tl;?dr|please|write|give|list|provide|create|generate|make|tell|short|brief|briefly|concise|detailed?|key|main|` +
		`important|most|bullet\w*|points?|takeaways?|sentences?|words?|paragraphs?|transcript\w*|recording|meeting|call|interview|video|audio|text|conversation|discussion|file|` +
		`chapters?|topics?|themes?|keywords?|questions?|discuss\w*|mention\w*|said|say|speakers?|happen\w*|time ?(?:codes?|stamps?)|find|quote|zusammenfass\w*|fass\w*|zusammen)\b`)
)

func number(word string) int {
	if n, err := strconv.Atoi(word); err == nil {
		return n
	}
	for i, words := range [][]string{
		{"a", "an", "single", "one", "ein", "eine", "einem", "einen"}, {"two", "zwei"}, {"three", "drei"}, {"four", "vier"}, {"five", "fünf"}, {"six", "sechs"},
		{"seven", "sieben"}, {"eight", "acht"}, {"nine", "neun"}, {"ten", "zehn"}, {}, {"twelve"}, {}, {}, {"fifteen"}, {}, {}, {}, {}, {"twenty"},
	} {
		if slices.Contains(words, word) {
			return i + 1
		}
	}
	return 0
}

// languages by what prompts call them: in English, and by their own names.
var languages = map[string]string{
	"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt", "catalan": "ca", "galician": "gl", "esperanto": "eo",
	"dutch": "nl", "danish": "da", "swedish": "sv", "norwegian": "nb", "finnish": "fi", "polish": "pl", "czech": "cs", "slovak": "sk", "hungarian": "hu",
	"romanian": "ro", "bulgarian": "bg", "greek": "el", "turkish": "tr", "russian": "ru", "ukrainian": "uk", "croatian": "hr", "serbian": "sr", "slovenian": "sl",
	"chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko", "arabic": "ar", "hebrew": "he", "hindi": "hi", "vietnamese": "vi", "thai": "th", "indonesian": "id",
	"englisch": "en", "deutsch": "de", "französisch": "fr", "spanisch": "es", "italienisch": "it", "portugiesisch": "pt",
	"anglais": "en", "allemand": "de", "français": "fr", "espagnol": "es", "italien": "it", "portugais": "pt",
	"inglés": "en", "alemán": "de", "francés": "fr", "español": "es", "italiano": "it", "português": "pt", "català": "ca", "nederlands": "nl",
}

// aboutWord is what stands before what a summary is to be about.
var aboutWord = regexp.MustCompile(`\b(about|regarding|concerning|focus\w* on|related to|über|sobre|au sujet de|à propos de|riguardo)\b`)

func cutAbout(prompt string) (before, about string, found bool) {
	at := aboutWord.FindStringIndex(prompt)
	if at == nil {
		return prompt, "", false
	}
	return prompt[:at[0]], prompt[at[1]:], true
}
