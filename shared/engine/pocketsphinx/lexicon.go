package pocketsphinx

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"latchkey/shared/engine/process"
)

// lexicon is a dictionary of PocketSphinx's for some words. In it, and in
// grammars, they have names of their own, so that whatever they are made of
// stands for nothing there.
type lexicon struct {
	file   string
	names  map[string]string // of words, as bare makes them, that can be pronounced
	phones map[string]int    // how many, of names
}

// bare is how a word is looked up, or "" for what nobody says.
func bare(text string) string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	said := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	if strings.IndexFunc(text, said) < 0 {
		return ""
	}
	return strings.TrimFunc(text, func(r rune) bool { return !said(r) })
}

// lexicon finds how words are pronounced: as the dictionary says, or their
// parts ("ill-disposed"), or else as espeak-ng would, if that is installed.
func (w work) lexicon(ctx context.Context, name string, words []string) (lexicon, error) {
	x := lexicon{file: filepath.Join(w.folder, name), names: map[string]string{}, phones: map[string]int{}}
	wanted := map[string][]string{}
	for _, word := range words {
		for _, part := range append(parts(word), word) {
			wanted[part] = nil
		}
	}
	if err := w.look(wanted); err != nil {
		return x, err
	}
	for _, word := range words {
		if len(wanted[word]) == 0 {
			wanted[word] = joined(wanted, parts(word))
		}
	}
	if err := w.guess(ctx, wanted, words); err != nil {
		return x, err
	}
	var b strings.Builder
	for i, word := range words {
		if len(wanted[word]) == 0 {
			continue
		}
		x.names[word] = fmt.Sprintf("w%d", i)
		x.phones[x.names[word]] = len(strings.Fields(wanted[word][0]))
		for j, phones := range wanted[word] {
			if b.WriteString(x.names[word]); j > 0 {
				fmt.Fprintf(&b, "(%d)", j+1)
			}
			b.WriteString(" " + phones + "\n")
		}
	}
	return x, os.WriteFile(x.file, []byte(b.String()), 0o600)
}

// parts are what a word is made of that stand in dictionaries.
func parts(word string) []string {
	return strings.FieldsFunc(word, func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// joined is how parts are pronounced one after the other, if all are known.
func joined(known map[string][]string, parts []string) []string {
	all := make([]string, len(parts))
	for i, part := range parts {
		if len(known[part]) == 0 {
			return nil
		}
		all[i] = known[part][0]
	}
	return []string{strings.Join(all, " ")}
}

// look finds the pronunciations of words in the dictionary: lines of
// "and(2) AE N D".
func (p program) look(wanted map[string][]string) error {
	f, err := os.Open(p.dictionary())
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		word, phones, _ := strings.Cut(lines.Text(), " ")
		word, _, _ = strings.Cut(word, "(")
		if found, ok := wanted[word]; ok {
			wanted[word] = append(found, strings.TrimSpace(phones))
		}
	}
	return lines.Err()
}

// guess asks espeak-ng for the pronunciations of words that have none.
func (w work) guess(ctx context.Context, known map[string][]string, words []string) error {
	espeak, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil // they stay without
	}
	var unknown []string
	for _, word := range words {
		if len(known[word]) == 0 && len(word) <= maxSpelling {
			unknown = append(unknown, word)
		}
	}
	for chunk := range slices.Chunk(unknown, 1000) {
		c := process.Command{Folder: w.folder, Limit: time.Minute, Memory: maxMemory, Env: process.Bare(w.folder), In: strings.NewReader(strings.Join(chunk, "\n") + "\n")}
		out, err := c.Output(ctx, maxOutput, espeak, "-q", "-x", "-v", "en-us", "--sep=_")
		if _, failed := errors.AsType[*process.Failure](err); failed {
			return nil
		}
		if err != nil {
			return err
		}
		lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		if len(lines) != len(chunk) {
			continue // which is whose cannot be told
		}
		for i, line := range lines {
			if phones := phones(line); phones != "" {
				known[chunk[i]] = []string{phones}
			}
		}
	}
	return nil
}

// maxSpelling is how many bytes a word may have that is pronounced as it is
// spelt.
const maxSpelling = 60
