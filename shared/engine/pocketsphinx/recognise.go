package pocketsphinx

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/engine/process"
	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// word is one that was heard. Times are in milliseconds.
type word struct {
	text       string
	start, end int64
	confidence float64 // more than 0
}

// channel hears one channel, or their mix: pieces of it at once, of which
// little more than the words are in memory. done is told the percentage.
func (w work) channel(ctx context.Context, channel int, spotter *spotter, done func(percent int)) ([]word, error) {
	s, err := w.listen(ctx, channel)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	levels, err := s.levels()
	if err != nil {
		return nil, err
	}
	return w.hear(ctx, s, levels, spotter, done)
}

func (w work) hear(ctx context.Context, s sound, levels []uint16, spotter *spotter, done func(percent int)) ([]word, error) {
	all := pieces(levels, cap(w.slots))
	heard := make([][]word, len(all))
	var mu sync.Mutex
	frames := 0
	err := w.each(ctx, len(all), func(ctx context.Context, i int) error {
		file := filepath.Join(w.folder, fmt.Sprintf("piece%d.wav", i))
		defer os.Remove(file)
		err := s.write(all[i], file)
		if err == nil {
			heard[i], err = w.piece(ctx, file, all[i], spotter)
		}
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		frames += all[i].to - all[i].from
		done(100 * frames / s.frames)
		return nil
	})
	var words []word
	for _, piece := range heard {
		words = append(words, piece...)
	}
	return words, err
}

// each does things, as many at once as there are slots, until one fails.
func (w work) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case <-ctx.Done():
		case w.slots <- struct{}{}:
			all.Go(func() {
				defer func() { <-w.slots }()
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			})
		}
	}
	all.Wait()
	return context.Cause(ctx)
}

// piece hears the words of one piece.
func (w work) piece(ctx context.Context, file string, part span, spotter *spotter) ([]word, error) {
	out, err := w.run(ctx, part, w.continuous, "-infile", file, "-time", "yes")
	if err != nil {
		return nil, err
	}
	words := parse(out, part)
	if spotter == nil || len(words) == 0 {
		return words, nil
	}
	out, err = w.run(ctx, part, w.continuous, "-infile", file, "-time", "yes", "-kws", spotter.phrases, "-dict", spotter.dictionary)
	return spotter.put(words, parse(out, part)), err
}

// Limits of PocketSphinx, which takes about half as long as what it hears
// lasts, and 125 MB.
const (
	startTime = 2 * time.Minute
	slowest   = 20
	maxMemory = 1 << 20 // KiB
	maxOutput = 1 << 20 // bytes, of which a word takes about 30
)

// run runs one of PocketSphinx's programs on a part of a sound. The last of
// its log is in the error.
func (w work) run(ctx context.Context, part span, program string, args ...string) ([]byte, error) {
	limit := startTime + slowest*frameMillis*time.Millisecond*time.Duration(part.to-part.from)
	c := process.Command{Folder: w.folder, Limit: limit, Memory: maxMemory, Env: process.Bare(w.folder)}
	out, err := c.Output(ctx, maxOutput, program, append(args, "-hmm", w.acoustics(), "-logfn", "/dev/stderr")...)
	if failed, ok := errors.AsType[*process.Failure](err); ok && failed.Slow {
		err = fault.Wrap(fault.Invalid, err, "the media takes too long to transcribe")
	}
	return out, err
}

// parse reads the lines "word start end probability", in seconds, that
// PocketSphinx prints beside the text; a phrase that it was told to look for
// counts as a word. Times are those of the whole sound.
func parse(out []byte, part span) (words []word) {
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		n := len(fields) - 3
		if n < 1 {
			continue
		}
		start, err1 := strconv.ParseFloat(fields[n], 64)
		end, err2 := strconv.ParseFloat(fields[n+1], 64) // the start of the last frame
		sure, err3 := strconv.ParseFloat(fields[n+2], 64)
		if text := plain(strings.Join(fields[:n], " ")); errors.Join(err1, err2, err3) == nil && text != "" {
			words = append(words, word{text, part.millis(start), part.millis(end) + frameMillis, min(max(sure, leastSure), 1)})
		}
	}
	return words
}

// leastSure stands for a confidence of 0, which would be one that is not known.
const leastSure = 0.001

func (p span) millis(seconds float64) int64 {
	return int64(p.from)*frameMillis + int64(math.Round(seconds*1000))
}

// plain is a word of PocketSphinx's without the number of its pronunciation,
// "and(2)", or "" for what is none: <sil>, [NOISE], ++UH++.
func plain(token string) string {
	if strings.HasPrefix(token, "<") || strings.HasPrefix(token, "[") || strings.HasPrefix(token, "+") {
		return ""
	}
	text, _, _ := strings.Cut(token, "(")
	return text
}

// sentencePause is a pause, in ms, that ends a sentence if it is longer.
const sentencePause = 600

// sentences are words as they are written.
func sentences(words []word, speaker string, punctuation bool) []transcript.Heard {
	out := make([]transcript.Heard, len(words))
	for i, w := range words {
		text := w.text
		begins := i == 0 || w.start-words[i-1].end > sentencePause
		if punctuation && begins || text == "i" || strings.HasPrefix(text, "i'") {
			text = capital(text)
		}
		if punctuation && (i == len(words)-1 || words[i+1].start-w.end > sentencePause) {
			text += "."
		}
		if i > 0 {
			text = " " + text
		}
		out[i] = transcript.Heard{Word: transcript.Word{Text: text, Start: w.start, End: w.end, Confidence: w.confidence}, Speaker: speaker}
	}
	return out
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
