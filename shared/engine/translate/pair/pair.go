// Package pair knows the languages of Amazon Translate, and links none of AWS:
// it is for those that say at once what is not possible.
package pair

import (
	"slices"
	"strings"

	"latchkey/shared/recording"
)

// codes are Amazon's for its languages, each of which it translates into each
// other (Developer Guide, "Supported languages and language codes").
var codes = strings.Fields(`
	af am ar az bg bn bs ca cs cy da de el en es es-MX et fa fa-AF fi fr fr-CA ga gu ha he hi hr ht hu hy id is it ja ka kk kn ko
	lt lv mk ml mn mr ms mt nl no pa pl ps pt pt-PT ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz vi zh zh-TW`)

// others are languages that Amazon calls otherwise, in lower case.
var others = map[string]string{
	"nb": "no", "nn": "no", "fil": "tl", "prs": "fa-AF", "iw": "he", "in": "id", "yue": "zh-TW", "cmn": "zh", "cmn-tw": "zh-TW", "zh-hant": "zh-TW", "zh-hk": "zh-TW", "zh-mo": "zh-TW",
}

// Code is Amazon's code for a language (BCP 47), or "".
func Code(tag string) string {
	for tag = strings.ToLower(tag); tag != ""; {
		if c, ok := others[tag]; ok {
			return c
		}
		if i := slices.IndexFunc(codes, func(c string) bool { return strings.EqualFold(c, tag) }); i >= 0 {
			return codes[i]
		}
		tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)]
	}
	return ""
}

// Pairs is what Amazon Translate can do.
type Pairs struct{}

var _ recording.Pairs = Pairs{}

// Supports implements recording.Pairs.
func (Pairs) Supports(from, to string) error {
	a, b := Code(from), Code(to)
	if a != "" && b != "" && a != b {
		return nil
	}
	return Unsupported(from, to)
}

// Unsupported says what is possible instead.
func Unsupported(from, to string) error {
	if Code(from) == "" {
		return recording.ErrPair(from, to, nil)
	}
	return recording.ErrPair(from, to, slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == Code(from) }))
}
