package apertium

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"latchkey/shared/recording"
)

// pairs are the modes of Apertium that translate, by the languages that they
// translate from and into: pairs["en"]["es"] is "eng-spa". Languages are
// written as in BCP 47; those translated from have no region.
type pairs map[string]map[string]string

// mode is a name of `apertium -l` that says a pair and no more but a variety
// of the language that comes out: "eng-spa", "es-pt_BR", "eng-cat_valencia".
var mode = regexp.MustCompile(`^([a-z]{2,3})-([a-z]{2,3})(?:_([A-Z]{2}|valencia))?$`)

// parse reads what `apertium -l` prints.
func parse(list string) pairs {
	p := pairs{}
	for _, name := range strings.Fields(list) {
		m := mode.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		from, err := language.ParseBase(m[1])
		into, err2 := language.ParseBase(m[2])
		if cmp.Or(err, err2) != nil {
			continue
		}
		if p[from.String()] == nil {
			p[from.String()] = map[string]string{}
		}
		p[from.String()][strings.TrimSuffix(into.String()+"-"+m[3], "-")] = name
	}
	return p
}

// base is a language without script, region and variants; "" if the tag is
// none.
func base(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	b, _ := t.Base()
	return b.String()
}

// step is the mode that translates into a language: into that variety of it,
// or else into the language as such.
func (p pairs) step(from, to string) string {
	for name, m := range p[from] {
		if strings.EqualFold(name, to) {
			return m
		}
	}
	return p[from][base(to)]
}

// route returns the modes that translate one after another, two at most; none
// if there is no way.
func (p pairs) route(from, to string) []string {
	from = base(from)
	if m := p.step(from, to); m != "" {
		return []string{m}
	}
	for _, by := range slices.Sorted(maps.Keys(p[from])) {
		if m := p.step(by, to); m != "" && base(to) != from {
			return []string{p[from][by], m}
		}
	}
	return nil
}

// into are all languages that one can be translated into.
func (p pairs) into(from string) []string {
	from = base(from)
	all := map[string]bool{}
	for by := range p[from] {
		all[by] = true
		for to := range p[by] {
			all[to] = all[to] || base(to) != from
		}
	}
	maps.DeleteFunc(all, func(_ string, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(all))
}

// String says which languages there are, or what to install.
func (e Engine) String() string {
	if len(e.pairs) == 0 {
		return "none: install apertium and a language pair"
	}
	var all []string
	for from := range e.pairs {
		for to := range e.pairs[from] {
			all = append(all, from+"-"+to)
		}
	}
	slices.Sort(all)
	return "Apertium: " + strings.Join(all, ", ") + ", and over one language between"
}

// Supports implements recording.Pairs.
func (e Engine) Supports(from, to string) error {
	switch {
	case len(e.pairs) == 0:
		return errMissing()
	case len(e.pairs.route(from, to)) == 0:
		return recording.ErrPair(from, to, e.pairs.into(from))
	}
	return nil
}
