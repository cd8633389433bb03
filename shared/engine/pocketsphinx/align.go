package pocketsphinx

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/engine/ffmpeg"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

const (
	// alignable is how long a sound may be, in frames, for a text to be aligned
	// with it at once. It takes about 0.05 of its length, and more than in
	// proportion of longer ones.
	alignable = 10 * 60_000 / frameMillis
	// maxAlignable is how many words the text may have: five a second.
	maxAlignable = 3000
)

// Align implements recording.Aligner. A text that is what is said is aligned
// with the sound; where it is not, or is longer, PocketSphinx writes down what
// it hears, the words that are the same have their times, and what is between
// is aligned with the sound piece by piece.
func (e *Engine) Align(ctx context.Context, s recording.Speech, text string) (none transcript.Transcript, _ error) {
	words := unaligned(text)
	if len(words) == 0 {
		return none, fault.New(fault.Invalid, "the text has no words that could be said")
	}
	w, err := e.open(ctx, s)
	if err != nil {
		return none, err
	}
	defer w.close()
	sound, err := w.listen(ctx, ffmpeg.Mix)
	if err != nil {
		return none, err
	}
	defer sound.Close()
	g, err := w.grammar(ctx, sound, text)
	if err != nil {
		return none, err
	}
	ok := false
	err = w.each(ctx, 1, func(ctx context.Context, _ int) (err error) {
		ok, err = g.align(ctx, "whole", span{0, sound.frames}, words)
		return err
	})
	if err == nil && !ok {
		words, err = g.piecewise(ctx, text)
	}
	if err == nil && len(words) == 0 {
		err = fault.New(fault.Invalid, "nothing is heard that the text could be aligned with")
	}
	if err != nil {
		return none, err
	}
	return transcript.Align(text, transcript.Written(sentences(words, "", false))), nil
}

// unaligned are the words of a text that somebody says.
func unaligned(text string) []word {
	var words []word
	for _, w := range transcript.Unaligned(text) {
		if b := bare(strings.TrimSpace(w.Text)); b != "" {
			words = append(words, word{text: b})
		}
	}
	return words
}

// aligner aligns words with a sound.
type aligner struct {
	work
	sound
	lexicon
	levels []uint16
}

// inaudible is how loud a frame of silence may be. Any word may be put there.
const inaudible = 8

// silent reports whether there is nothing to hear in a span of a part.
func (a aligner) silent(part, s span) bool {
	frames := a.levels[min(part.from+s.from, a.frames):min(part.from+s.to, a.frames)]
	return !slices.ContainsFunc(frames, func(l uint16) bool { return l > inaudible })
}

func (w work) grammar(ctx context.Context, s sound, text string) (aligner, error) {
	var all []string
	seen := map[string]bool{}
	for _, word := range unaligned(text) {
		if !seen[word.text] {
			seen[word.text], all = true, append(all, word.text)
		}
	}
	levels, err := s.levels()
	if err != nil {
		return aligner{}, err
	}
	x, err := w.lexicon(ctx, "text.dict", all)
	return aligner{w, s, x, levels}, err
}

// align gives the words of a text the times at which they are said, one after
// the other, in a part of the sound. ok is false, and they are what they were,
// if they are not said there: the text is another, or there is more or less
// in it.
func (a aligner) align(ctx context.Context, name string, part span, words []word) (ok bool, _ error) {
	if len(words) == 0 || len(words) > maxAlignable || part.to-part.from > alignable {
		return false, nil
	}
	names := make([]string, len(words))
	for i, word := range words {
		if names[i] = a.names[word.text]; names[i] == "" {
			return false, nil
		}
	}
	file := func(ending string) string { return filepath.Join(a.folder, name+ending) }
	defer func() {
		for _, ending := range []string{".wav", ".gram", ".ctl", ".seg"} {
			os.Remove(file(ending))
		}
	}()
	err := a.write(part, file(".wav"))
	if err == nil {
		err = os.WriteFile(file(".gram"), []byte("#JSGF V1.0;\ngrammar text;\npublic <text> = "+strings.Join(names, " ")+";\n"), 0o600)
	}
	if err == nil {
		err = os.WriteFile(file(".ctl"), []byte(name+"\n"), 0o600)
	}
	if err == nil {
		_, err = a.run(ctx, part, a.batch, "-dict", a.file, "-jsgf", file(".gram"), "-adcin", "yes", "-adchdr", strconv.Itoa(headerBytes),
			"-cepdir", a.folder, "-cepext", ".wav", "-ctl", file(".ctl"), "-hypseg", file(".seg"), "-remove_silence", "no", "-bestpath", "no", "-fwdflat", "no")
	}
	if err != nil {
		return false, err
	}
	out, err := os.ReadFile(file(".seg"))
	if err != nil {
		return false, fmt.Errorf("pocketsphinx_batch: %w", err)
	}
	said := segments(out)
	if !fits(said, names) || slices.ContainsFunc(said, func(s segment) bool { return a.silent(part, s.span) }) {
		return false, nil
	}
	for i, s := range said {
		words[i].start, words[i].end, words[i].confidence = int64(part.from+s.from)*frameMillis, int64(part.from+s.to)*frameMillis, 1
	}
	return true, nil
}

// segment is a word in a hypothesis.
type segment struct {
	span
	name  string
	score int
}

// segments reads a line of -hypseg: "name S 0 T -8623 A -6938 L -1685", then
// "start acoustic-score language-score word" of each, and the end.
func segments(line []byte) (out []segment) {
	fields := strings.Fields(string(line))
	if len(fields) < 10 {
		return nil
	}
	for fields = fields[9:]; len(fields) > 4; fields = fields[4:] {
		from, err1 := strconv.Atoi(fields[0])
		score, err2 := strconv.Atoi(fields[1])
		to, err3 := strconv.Atoi(fields[4])
		if err1 != nil || err2 != nil || err3 != nil {
			return nil
		}
		if name := plain(fields[3]); name != "" {
			out = append(out, segment{span{from, to}, name, score})
		}
	}
	return out
}

// How unlikely a frame is, for words that are said: 11 of 100 on the average,
// and of none with ten frames more than 29 (LibriVox); other words are put at
// 50 and more.
const (
	unlikely  = -40 // of a word
	unlikelys = -25 // of all of them
	fewFrames = 10  // that say nothing by themselves
)

// fits reports whether what was found are the words of the text, and sounds
// like them.
func fits(said []segment, names []string) bool {
	if !slices.EqualFunc(said, names, func(s segment, name string) bool { return s.name == name }) {
		return false
	}
	score, frames := 0, 0
	for _, s := range said {
		n := s.to - s.from
		if n >= fewFrames && s.score < unlikely*n {
			return false
		}
		score, frames = score+s.score, frames+n
	}
	return score >= unlikelys*frames
}

// piecewise are the words of the text with the times that are heard.
func (a aligner) piecewise(ctx context.Context, text string) ([]word, error) {
	heard, err := a.hear(ctx, a.sound, a.levels, nil, func(done int) { job.Report(ctx, done*9/10) })
	if err != nil || len(heard) == 0 {
		return nil, err
	}
	var words []word // with a confidence if they were heard
	for _, s := range transcript.Align(text, transcript.Written(sentences(heard, "", false))).Segments {
		for _, w := range s.Words {
			if b := bare(strings.TrimSpace(w.Text)); b != "" {
				words = append(words, word{b, w.Start, w.End, w.Confidence})
			}
		}
	}
	parts := a.parts(words)
	err = a.each(ctx, len(parts), func(ctx context.Context, i int) error {
		_, err := a.align(ctx, fmt.Sprintf("part%d", i), parts[i].span, parts[i].words)
		return err
	})
	return words, err
}

// part is a part of a sound, and the words that are said in it.
type part struct {
	span
	words []word
}

const (
	shortPause = 100  // ms between two words where a part may end
	shortPart  = 5000 // ms that a part lasts at least
)

// parts cuts where two words were heard that are one after the other in the
// text, with a pause between them: nothing else is said there.
func (a aligner) parts(words []word) (all []part) {
	from, first := 0, 0
	for i := 1; i < len(words); i++ {
		before, after := words[i-1], words[i]
		if before.confidence == 0 || after.confidence == 0 || after.start-before.end < shortPause || after.start-int64(from)*frameMillis < shortPart {
			continue
		}
		at := int((before.end + after.start) / 2 / frameMillis)
		all = append(all, part{span{from, at}, words[first:i]})
		from, first = at, i
	}
	return append(all, part{span{from, a.frames}, words[first:]})
}
