package pdf

import "unicode"

// forms are the presentation forms of an Arabic letter: that which stands
// alone, after which come that which ends a word, that which begins one and
// that in the middle; of a letter that joins nothing after it, only two.
// (The Unicode Standard, Arabic Presentation Forms A and B.)
type forms struct {
	alone rune
	both  bool // it joins what comes after it too
}

var arabic = map[rune]forms{
	'\u0621': {'\ufe80', false}, '\u0622': {'\ufe81', false}, '\u0623': {'\ufe83', false}, '\u0624': {'\ufe85', false},
	'\u0625': {'\ufe87', false}, '\u0626': {'\ufe89', true}, '\u0627': {'\ufe8d', false}, '\u0628': {'\ufe8f', true},
	'\u0629': {'\ufe93', false}, '\u062a': {'\ufe95', true}, '\u062b': {'\ufe99', true}, '\u062c': {'\ufe9d', true},
	'\u062d': {'\ufea1', true}, '\u062e': {'\ufea5', true}, '\u062f': {'\ufea9', false}, '\u0630': {'\ufeab', false},
	'\u0631': {'\ufead', false}, '\u0632': {'\ufeaf', false}, '\u0633': {'\ufeb1', true}, '\u0634': {'\ufeb5', true},
	'\u0635': {'\ufeb9', true}, '\u0636': {'\ufebd', true}, '\u0637': {'\ufec1', true}, '\u0638': {'\ufec5', true},
	'\u0639': {'\ufec9', true}, '\u063a': {'\ufecd', true}, '\u0641': {'\ufed1', true}, '\u0642': {'\ufed5', true},
	'\u0643': {'\ufed9', true}, '\u0644': {'\ufedd', true}, '\u0645': {'\ufee1', true}, '\u0646': {'\ufee5', true},
	'\u0647': {'\ufee9', true}, '\u0648': {'\ufeed', false}, '\u0649': {'\ufeef', false}, '\u064a': {'\ufef1', true},
	// of Persian and Urdu
	'\u067e': {'\ufb56', true}, '\u0686': {'\ufb7a', true}, '\u0698': {'\ufb8a', false}, '\u06a9': {'\ufb8e', true},
	'\u06af': {'\ufb92', true}, '\u06cc': {'\ufbfc', true}, '\u0679': {'\ufb66', true}, '\u0688': {'\ufb88', false},
	'\u0691': {'\ufb8c', false}, '\u06ba': {'\ufb9e', false}, '\u06be': {'\ufbaa', true}, '\u06c1': {'\ufba6', true}, '\u06d2': {'\ufbae', false},
}

const (
	hamza, lam, tatweel = '\u0621', '\u0644', '\u0640'
	joiner, nonJoiner   = '\u200d', '\u200c' // of zero width
)

// ligatures are the forms of lam and an alef that stand alone; those that end
// a word come after them.
var ligatures = map[rune]rune{'\u0622': '\ufef5', '\u0623': '\ufef7', '\u0625': '\ufef9', '\u0627': '\ufefb'}

// shaped gives Arabic letters the forms that their neighbours ask for, and
// lam and alef the one form that they have together.
func shaped(letters []letter) []letter {
	out := letters[:0:len(letters)]
	joined := false // what was before joins what comes
	for i := 0; i < len(letters); i++ {
		l := letters[i]
		f, ok := arabic[l.rune]
		switch {
		case unicode.Is(unicode.Mn, l.rune): // a vowel sign: of no weight here
			out = append(out, l)
			continue
		case l.rune == joiner || l.rune == nonJoiner:
			joined = l.rune == joiner
			continue
		case l.rune == tatweel:
			joined = true
			out = append(out, l)
			continue
		case !ok:
			joined = false
			out = append(out, l)
			continue
		}
		next := following(letters[i+1:])
		if alone, ok := ligatures[next]; ok && l.rune == lam {
			// The signs between them stay before it.
			for i++; letters[i].rune != next; i++ {
				out = append(out, letters[i])
			}
			l.rune = alone
			if joined {
				l.rune++
			}
			out, joined = append(out, l), false
			continue
		}
		_, more := arabic[next]
		joins := f.both && (more && next != hamza || next == tatweel || next == joiner)
		l.rune = f.alone
		if l.rune != arabic[hamza].alone {
			switch {
			case joined && joins:
				l.rune += 3
			case joins:
				l.rune += 2
			case joined:
				l.rune++
			}
		}
		out, joined = append(out, l), f.both
	}
	return out
}

// following is the next character that is no sign above or below another.
func following(letters []letter) rune {
	for _, l := range letters {
		if !unicode.Is(unicode.Mn, l.rune) {
			return l.rune
		}
	}
	return 0
}
