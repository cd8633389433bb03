package pocketsphinx

import "strings"

// phones makes the phones of the model (those of the CMU Pronouncing
// Dictionary) of a line of espeak-ng's mnemonics for American English,
// "l_'a_tS_k_i"; "" if there is one that is not known.
// On words that are in the dictionary, one phone in ten is another.
func phones(mnemonics string) string {
	var out []string
	for _, m := range strings.FieldsFunc(mnemonics, func(r rune) bool { return r == '_' || r == ' ' }) {
		if m = strings.TrimLeft(m, "',%="); m == "" {
			continue // a stress
		}
		p, ok := phoneOf[m]
		switch n := len(out); {
		case !ok:
			return ""
		case p == "" || n > 0 && p == "R" && (strings.HasSuffix(out[n-1], "R")): // it is in the vowel already
			continue
		}
		out = append(out, p)
	}
	return strings.Join(out, " ")
}

var phoneOf = map[string]string{
	"@": "AH", "3": "ER", "3:": "ER", "a": "AE", "aa": "AE", "a#": "AH", "A:": "AA", "A@": "AA R", "V": "AH", "0": "AA", "O": "AO", "O:": "AO", "O2": "AO",
	"O@": "AO R", "o@": "AO R", "oU": "OW", "E": "EH", "eI": "EY", "e@": "EH R", "I": "IH", "I2": "IH", "I#": "IH", "i": "IY", "i:": "IY", "i@": "IY AH", "i@3": "IH R",
	"U": "UH", "u": "UW", "u:": "UW", "U@": "UH R", "aI": "AY", "aI@": "AY AH", "aI3": "AY ER", "aU": "AW", "OI": "OY",
	"@L": "AH L", "@-": "", ";": "", "?": "", "r-": "R", "n-": "AH N", "t#": "T", "t2": "T", "l#": "L", "x": "K",
	"p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "g": "G", "f": "F", "v": "V", "s": "S", "z": "Z", "h": "HH", "m": "M", "n": "N", "l": "L", "r": "R", "j": "Y", "w": "W",
	"T": "TH", "D": "DH", "S": "SH", "Z": "ZH", "tS": "CH", "dZ": "JH", "N": "NG",
}
