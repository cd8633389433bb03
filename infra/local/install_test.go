package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInstallEngines runs the script on machines that are made up of a folder
// of programs.
func TestInstallEngines(t *testing.T) {
	list, err := os.ReadFile("engines.txt")
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			packages = append(packages, line)
		}
	}
	const installs = "echo \"$@\" >>$CALLS"
	for _, tt := range []struct {
		name, engines, apt, user string
		there                    []string // of Debian's packages; nil is no Debian
		programs                 []string
		well                     bool
		calls                    []string // of apt-get, their ends
		says, saysNot            []string
	}{
		{name: "nothing is wanted", engines: "0", apt: installs, user: "0", there: []string{}},
		{name: "all is there", apt: installs, user: "0", there: packages, well: true},
		{name: "root", apt: installs, user: "0", there: packages[1:], well: true,
			calls: []string{"update --quiet=2", " " + packages[0]}, says: []string{"Installing ", "ENGINES=0", ": " + packages[0] + "\n"}},
		{name: "no network", apt: "echo no route to host; exit 100", user: "0", there: packages[1:], programs: []string{"apertium"},
			says: []string{"no route to host", "apt-get failed", "burn-ins, exports", "needs ffmpeg", "all else works"}, saysNot: []string{"needs apertium"}},
		{name: "not root", apt: installs, user: "1000", there: packages[1:], programs: []string{"apertium", "flite", "espeak-ng", "pocketsphinx_continuous"},
			says: []string{"needs ffmpeg", "To have all: apt-get install --no-install-recommends " + packages[0] + "\n"}, saysNot: []string{"Installing", "needs apertium"}},
		{name: "no Debian", user: "0", programs: []string{"ffmpeg"},
			says: []string{"translation: needs apertium", "needs pocketsphinx_continuous"}, saysNot: []string{"apt-get", "needs ffmpeg"}},
		{name: "no Debian, all is there", user: "0", well: true, programs: []string{"ffmpeg", "apertium", "flite", "espeak-ng", "pocketsphinx_continuous"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bin := t.TempDir()
			for _, program := range []string{"sh", "cat", "dirname", "grep", "mktemp", "rm", "sed", "tail"} {
				path, err := exec.LookPath(program)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(path, filepath.Join(bin, program)); err != nil {
					t.Fatal(err)
				}
			}
			add := func(program, does string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\n"+does+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			add("id", "echo "+tt.user)
			for _, program := range tt.programs {
				add(program, "")
			}
			if tt.apt != "" {
				add("apt-get", tt.apt)
				query := ""
				for _, p := range packages {
					state := "config-files" // it was there, and has been removed
					if slices.Contains(tt.there, p) {
						state = "installed"
					}
					query += "echo " + p + " " + state + "\n"
				}
				add("dpkg-query", query+"exit 1")
			}
			calls := filepath.Join(t.TempDir(), "calls")
			var said bytes.Buffer
			cmd := exec.Command("./install-engines")
			cmd.Env = []string{"PATH=" + bin, "CALLS=" + calls, "ENGINES=" + tt.engines, "TMPDIR=" + t.TempDir()}
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Run(); (err == nil) != tt.well {
				t.Errorf("it ended with %v:\n%s", err, said.String())
			}
			called, _ := os.ReadFile(calls) // none is no file
			lines := strings.Split(strings.TrimSpace(string(called)), "\n")
			if len(tt.calls) == 0 && len(called) > 0 || len(tt.calls) > 0 && len(lines) != len(tt.calls) {
				t.Fatalf("apt-get was called with %q, want %q", lines, tt.calls)
			}
			for i, end := range tt.calls {
				if !strings.HasSuffix(lines[i], end) {
					t.Errorf("apt-get was called with %q, want an end of %q", lines[i], end)
				}
			}
			for _, s := range tt.says {
				if !strings.Contains(said.String(), s) {
					t.Errorf("it does not say %q:\n%s", s, said.String())
				}
			}
			for _, s := range tt.saysNot {
				if strings.Contains(said.String(), s) {
					t.Errorf("it says %q:\n%s", s, said.String())
				}
			}
			if tt.says == nil && said.Len() > 0 {
				t.Errorf("it says %s", said.String())
			}
		})
	}
}
