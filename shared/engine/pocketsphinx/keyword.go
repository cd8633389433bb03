package pocketsphinx

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// spotter looks for keywords.
type spotter struct {
	dictionary, phrases string              // files
	texts               map[string][]string // the words of a phrase, by their names
}

const (
	// fewestPhones of a keyword: a shorter one is heard everywhere.
	fewestPhones = 4
	// spotted is how much likelier than anything else a phrase has to be. With
	// 1e-10 it is heard where it is not said.
	spotted = "1e-5"
	// unsure are words, on the average, that give way to a keyword.
	unsure = 0.8
)

// spotter makes one, or nil if there is no keyword that can be looked for.
func (w work) spotter(ctx context.Context, keywords []string) (*spotter, error) {
	var words []string
	for _, k := range keywords {
		for _, field := range strings.Fields(k) {
			if b := bare(field); b != "" && !slices.Contains(words, b) {
				words = append(words, b)
			}
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	x, err := w.lexicon(ctx, "keywords.dict", words)
	if err != nil {
		return nil, err
	}
	s := &spotter{x.file, filepath.Join(w.folder, "keywords.kws"), map[string][]string{}}
	var b strings.Builder
	for _, k := range keywords {
		texts := strings.Fields(k)
		if phrase := x.phrase(texts); phrase != "" && s.texts[phrase] == nil {
			s.texts[phrase] = texts
			fmt.Fprintf(&b, "%s /%s/\n", phrase, spotted)
		}
	}
	if b.Len() == 0 {
		return nil, nil
	}
	return s, os.WriteFile(s.phrases, []byte(b.String()), 0o600)
}

// phrase is the names of words, or "" if they are too short together or there
// is one that cannot be pronounced.
func (x lexicon) phrase(texts []string) string {
	var names []string
	phones := 0
	for _, text := range texts {
		name, ok := x.names[bare(text)]
		if !ok {
			return ""
		}
		names, phones = append(names, name), phones+x.phones[name]
	}
	if phones < fewestPhones {
		return ""
	}
	return strings.Join(names, " ")
}

// put puts keywords in the place of words that were heard at the same time,
// unless they are sure, and others.
func (s *spotter) put(words, found []word) []word {
	slices.SortStableFunc(found, func(a, b word) int { return int(a.start - b.start) })
	for _, f := range found {
		from := slices.IndexFunc(words, func(w word) bool { return f.covers(w) })
		if from < 0 {
			continue
		}
		to := from
		sure, said := 0.0, ""
		for ; to < len(words) && f.covers(words[to]); to++ {
			sure, said = sure+words[to].confidence, said+words[to].text
		}
		sure /= float64(to - from)
		if texts := s.texts[f.text]; len(texts) > 0 && (sure <= unsure || said == letters(texts)) {
			words = slices.Replace(words, from, to, f.spread(texts, max(f.confidence, sure))...)
		}
	}
	return words
}

// letters are those of words: "latch key" is "Latchkey".
func letters(texts []string) (all string) {
	for _, text := range texts {
		all += bare(text)
	}
	return all
}

// covers reports whether most of a word is where f is.
func (f word) covers(w word) bool {
	return 2*(min(f.end, w.end)-max(f.start, w.start)) > w.end-w.start
}

// spread gives words the time of f, by their length.
func (f word) spread(texts []string, confidence float64) (out []word) {
	total, before := 0, 0
	for _, text := range texts {
		total += len(text)
	}
	at := func(n int) int64 { return f.start + (f.end-f.start)*int64(n)/int64(total) }
	for _, text := range texts {
		out = append(out, word{text, at(before), at(before + len(text)), confidence})
		before += len(text)
	}
	return out
}
