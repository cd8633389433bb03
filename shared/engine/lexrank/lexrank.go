// Package lexrank answers what is asked about a transcript with what was said
// in it: it chooses sentences, by LexRank, and adds none. It needs no model and
// no network. It refuses to tell what nobody said, such as moods.
package lexrank

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// Engine is LexRank. The zero value answers in the language that was spoken.
type Engine struct {
	Translator recording.Translator // for answers in other languages, or nil
}

var _ recording.Summarizer = Engine{}

// Extractive is how the last line of each answer begins.
const Extractive = "Extractive: what was said, chosen and not rephrased"

// Summarize implements recording.Summarizer. What a prompt asks is understood
// in common cases: a summary, of something or of all, in so many sentences,
// words or bullets; chapters; keywords; names; an answer to a question, which
// is what was said that is nearest to it. The last line says that no more was
// done. Invalid if nothing was said, and for what cannot be found by choosing.
func (e Engine) Summarize(ctx context.Context, q recording.Question) (string, error) {
	a := read(q)
	if a.kind == sentiment {
		return "", fault.New(fault.Invalid, "moods cannot be told by choosing sentences: that takes a language model, and none is set up")
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	lang, _, _ := strings.Cut(strings.ToLower(q.Language), "-")
	all := split(q.Transcript, lang)
	if len(all) == 0 {
		return "", fault.New(fault.Invalid, "nothing is said in the transcript")
	}
	t := talk{ctx: ctx, ask: a, said: all, texts: vectors(all, stops(lang))}
	lines := t.answer()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	note, err := e.translate(ctx, q.Language, a, lines)
	if err != nil {
		return "", err
	}
	return joined(lines, a, note), nil
}

// line is one of an answer.
type line struct {
	mark string // stands before the text, and is not translated
	text string
	runs bool // goes on in the line before
}

func joined(lines []line, a ask, note string) string {
	var b strings.Builder
	for i, l := range lines {
		switch {
		case i > 0 && l.runs && lines[i-1].runs:
			b.WriteByte(' ')
		case i > 0:
			b.WriteByte('\n')
		}
		b.WriteString(l.mark + l.text)
	}
	b.WriteString("\n\n" + Extractive + note + ".")
	return b.String()
}

// translate has the lines translated, if that was asked for, and returns what
// to say of it.
func (e Engine) translate(ctx context.Context, from string, a ask, lines []line) (note string, _ error) {
	if a.language == "" || strings.EqualFold(a.language, from) || strings.HasPrefix(strings.ToLower(from), a.language+"-") {
		return "", nil
	}
	not := ". Not in " + a.named + ": "
	if e.Translator == nil {
		return not + "no translation engine is set up", nil
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	got, err := e.Translator.Translate(ctx, from, a.language, texts)
	switch {
	case fault.Is(err, fault.Invalid):
		return not + strings.TrimSuffix(fault.As(err).Message, "."), nil
	case err != nil:
		return "", err
	}
	for i := range got {
		lines[i].text = got[i]
	}
	return ", then translated", nil
}

// talk is what was said, and what is asked about it.
type talk struct {
	*texts
	ctx  context.Context
	ask  ask
	said []sentence
}

func (t *talk) answer() []line {
	switch t.ask.kind {
	case chapters:
		return t.chapters()
	case keywords:
		return t.keywords()
	case names:
		if lines := t.names(); len(lines) > 0 {
			return lines
		}
		return t.keywords()
	case passages:
		if len(t.terms(t.ask.about)) > 0 { // else "What is it about?"
			return t.passages()
		}
	}
	return t.summary()
}

// summary is a paragraph of the most central sentences, as they follow each
// other, or a line for each.
func (t *talk) summary() []line {
	all := make([]int, len(t.said))
	for i := range all {
		all[i] = i
	}
	var wish []weight
	if _, about, ok := cutAbout(t.ask.about); ok {
		wish = t.vector(about)
	}
	var lines []line
	for _, i := range t.choose(t.ranked(t.ctx, all, wish)) {
		l := line{text: t.fitting(i), runs: !t.ask.bullets && !t.ask.times}
		if t.ask.bullets {
			l.mark = "• "
		}
		if l.runs && closes(l.text) == 0 {
			l.text += "." // nobody wrote any
		}
		if t.ask.times {
			l.mark += t.from(i)
		}
		lines = append(lines, l)
	}
	return lines
}

// from is when a sentence is said, and by whom.
func (t *talk) from(i int) string {
	at := "[" + transcript.Stamp(t.said[i].start) + "] "
	if s := t.said[i].speaker; s != "" {
		at += s + ": "
	}
	return at
}

// fitting is a sentence, cut if it alone has more words than there may be.
func (t *talk) fitting(i int) string {
	text := t.said[i].text
	if n := t.ask.words; n > 0 && t.said[i].words > n {
		text = strings.Join(strings.Fields(text)[:n], " ") + " …"
	}
	return text
}

// How many sentences a summary has if nobody said how many, and how many terms
// a sentence that says something.
const (
	fewest  = 3
	oneIn   = 15
	largest = 12
)

// choose takes sentences in an order, as many as asked for. It leaves out
// those that say little, or what another one says, as long as there are
// others. They come in the order of the talk.
func (t *talk) choose(order []int) []int {
	count := t.ask.count
	if count == 0 {
		count = min(max(len(order)/oneIn, fewest), largest)
		if t.ask.words > 0 {
			count = len(order)
		}
	}
	var out []int
	words := 0
	for _, strict := range []bool{true, false} {
		for _, i := range order {
			s := t.said[i]
			if len(out) == count || strict && !t.tells(i) || slices.Contains(out, i) || t.repeats(out, i, strict) {
				continue
			}
			if most := t.ask.words; most > 0 && words+s.words > most {
				continue
			}
			out, words = append(out, i), words+s.words
		}
		if len(out) > 0 && t.ask.count == 0 || t.ask.words > 0 {
			break
		}
	}
	if len(out) == 0 {
		best := max(slices.IndexFunc(order, t.tells), 0)
		out = order[best : best+1]
	}
	slices.Sort(out)
	return out
}

// tells reports whether a sentence by itself says anything.
func (t *talk) tells(i int) bool { return len(t.vectors[i]) >= fewest && closes(t.said[i].text) != '?' }

// repeats reports whether a sentence says what one of others does.
func (t *talk) repeats(others []int, i int, strict bool) bool {
	return slices.ContainsFunc(others, func(o int) bool {
		return t.said[o].text == t.said[i].text || strict && cosine(t.vectors[o], t.vectors[i]) > alike
	})
}

// passages are what was said that is nearest to a question: sentences with its
// words, and after one that asks, what was answered.
func (t *talk) passages() []line {
	wish := t.vector(t.ask.about)
	score := make([]float64, len(t.said))
	var order []int
	for i := range score {
		if score[i] = covers(wish, t.vectors[i]); score[i] > 0 {
			order = append(order, i)
		}
	}
	if len(order) == 0 {
		return []line{{text: "Nothing that was said has words of the question."}}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	enough := score[order[0]] / 2
	var lines []line
	taken := map[int]bool{}
	for _, i := range order {
		if len(lines) == cmp.Or(t.ask.count, fewest) || t.ask.count == 0 && score[i] < enough {
			break
		}
		if !taken[i] {
			lines = append(lines, line{mark: t.from(i), text: t.passage(i, taken)})
		}
	}
	return lines
}

// covers is how much of a wish a sentence has, whatever else it has, and of
// those that have as much, more for one that has little else.
func covers(wish, v []weight) (sum float64) {
	for _, w := range wish {
		if slices.ContainsFunc(v, func(o weight) bool { return o.term == w.term }) {
			sum += w.w
		}
	}
	return sum + cosine(wish, v)/10
}

// answered is how many sentences of an answer follow a question.
const answered = 2

// passage is a sentence, or a question with the answer that somebody gives.
func (t *talk) passage(i int, taken map[int]bool) string {
	taken[i] = true
	text := t.said[i].text
	if closes(text) != '?' {
		return text
	}
	by := t.said[i].speaker
	for j := i + 1; j <= i+answered && j < len(t.said) && !taken[j] && closes(t.said[j].text) != '?'; j++ {
		s := t.said[j]
		switch {
		case s.speaker == by:
		case by != t.said[i].speaker: // somebody else goes on
			return text
		default:
			by = s.speaker
			text += " – " + by
			if by != "" {
				text += ":"
			}
		}
		text += " " + s.text
		taken[j] = true
	}
	return text
}
