// Package apertium translates with Apertium (https://apertium.org), which runs
// on this machine and looks nothing up elsewhere: by rules, in the pairs of
// languages that are installed, or over one language between. It refuses to
// translate by more steps than two.
package apertium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"latchkey/shared/engine/process"
	"latchkey/shared/fault"
	"latchkey/shared/job"
	"latchkey/shared/recording"
)

// Engine is Apertium. The zero value is one that is not installed.
type Engine struct {
	program string
	pairs   pairs
}

var (
	_ recording.Translator = Engine{}
	_ recording.Pairs      = Engine{}
)

// Limits of one call: what starting takes, and then a kilobyte a second, which
// is a fortieth of what it does.
const (
	startTime   = time.Minute
	timePerByte = time.Millisecond
	memory      = 1 << 20 // KiB, of each of its programs
	growth      = 10      // times what is translated, in bytes
)

// Find looks for Apertium on this machine.
func Find(ctx context.Context) Engine {
	path, err := exec.LookPath("apertium")
	if err != nil {
		return Engine{}
	}
	folder := os.TempDir()
	list, err := process.Command{Folder: folder, Limit: startTime, Env: process.Bare(folder)}.Output(ctx, 1<<16, path, "-l")
	if err != nil {
		return Engine{}
	}
	return Engine{program: path, pairs: parse(string(list))}
}

func errMissing() error {
	return fault.New(fault.Invalid, "no translation engine is set up: install apertium and a language pair")
}

// Translate implements recording.Translator. What has no letters stays as it
// is, and so do words that Apertium does not know. Invalid (recording.ErrPair)
// for a pair that is not there; Unavailable if it takes too long.
func (e Engine) Translate(ctx context.Context, from, to string, texts []string) ([]string, error) {
	if err := e.Supports(from, to); err != nil {
		return nil, err
	}
	all := make([][]piece, len(texts))
	var lines []string
	for i, text := range texts {
		all[i] = pieces(text)
		for _, p := range all[i] {
			if worded(p.text) {
				lines = append(lines, p.text)
			}
		}
	}
	modes := e.pairs.route(from, to)
	for i, mode := range modes {
		var err error
		if lines, err = e.pass(ctx, mode, lines); err != nil {
			return nil, fmt.Errorf("apertium %s: %w", mode, err)
		}
		job.Report(ctx, 100*(i+1)/len(modes))
	}
	out := make([]string, len(texts))
	for i := range texts {
		parts := make([]string, len(all[i]))
		for j, p := range all[i] {
			parts[j] = p.text
			if worded(p.text) {
				parts[j], lines = p.broken(marked(begun(p.text, lines[0], to), to)), lines[1:]
			}
		}
		out[i] = strings.Join(parts, "\n")
	}
	return out, nil
}

// pass translates lines with one mode, in one call. If it mixes up their
// order, which rules for a sentence's order may do, each half has a call of
// its own, and so on.
func (e Engine) pass(ctx context.Context, mode string, lines []string) ([]string, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	raw, err := e.run(ctx, mode, encode(lines))
	if err != nil {
		return nil, err
	}
	got, ok := decode(raw, lines)
	switch {
	case ok:
		return got, nil
	case len(lines) == 1: // what little it made of it is not to be trusted
		return lines, nil
	}
	half := len(lines) / 2
	first, err := e.pass(ctx, mode, lines[:half])
	if err != nil {
		return nil, err
	}
	second, err := e.pass(ctx, mode, lines[half:])
	return append(first, second...), err
}

// run is one call. Apertium is a script of many programs.
func (e Engine) run(ctx context.Context, mode, in string) (string, error) {
	dir, err := os.MkdirTemp("", "apertium-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	c := process.Command{
		Folder: dir, In: strings.NewReader(in), Memory: memory, Limit: startTime + time.Duration(len(in))*timePerByte,
		Env: append(process.Bare(dir), "PATH="+filepath.Dir(e.program)+":/usr/local/bin:/usr/bin:/bin"),
	}
	out, err := c.Output(ctx, 1<<16+growth*len(in), e.program, "-u", "-f", "none", mode)
	if f, ok := errors.AsType[*process.Failure](err); ok && f.Slow {
		err = fault.Wrap(fault.Unavailable, err, "the translation took too long")
	}
	return string(out), err
}
