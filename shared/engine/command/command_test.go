//go:build engines

package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/shared/engine/enginetest"
	"latchkey/shared/recording"
)

type folder string

func (f folder) Open(_ context.Context, key string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(f), key))
}

// program is a shell script in the place of one that transcribes.
func program(t *testing.T, script string) (e *Engine, temp string) {
	t.Helper()
	bin, media, temp := t.TempDir(), t.TempDir(), t.TempDir()
	file := filepath.Join(bin, "transcribe it")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, channels := range map[string]string{"mono.wav": "0.1*sin(t*2000)", "both.wav": "0.1*sin(t*2000)|0.1*sin(t*3000)"} {
		if out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "aevalsrc="+channels+":d=3:s=44100", filepath.Join(media, name)).CombinedOutput(); err != nil {
			t.Fatalf("ffmpeg: %v: %s", err, out)
		}
	}
	p, err := Parse(fmt.Sprintf("'%s' -l {language} 'a b'", file))
	if err != nil {
		t.Fatal(err)
	}
	return New(folder(media), temp, p), temp
}

const says = `
[ "$1 $2 $3" = "-l en a b" ] && [ "$(head -c 4 "$4")" = RIFF ] || exit 1
echo '{"segments": [{"start": 0, "end": 1, "text": " Good morning, all.", "words": [{"word": " Good", "start": 0.1, "end": 0.3, "probability": 0.9},
  {"word": " morning,", "start": 0.3, "end": 0.7, "probability": 0.8}, {"word": " all.", "start": 0.7, "end": 0.9, "probability": 0.7}]}]}'`

// TestTranscriber is the contract of every engine, but for languages: which
// there are is the program's to know.
func TestTranscriber(t *testing.T) {
	e, temp := program(t, says)
	enginetest.Transcriber(t, enginetest.Transcription{
		Transcriber: e, Aligner: e, Speech: speech("mono.wav"), Channels: speech("both.wav"), Length: 3000, Hears: "good morning all",
	})
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestFiles are read where whisper.cpp and OpenAI's whisper write them, for
// each channel anew.
func TestFiles(t *testing.T) {
	const segment = `{"segments": [{"start": 0, "end": 1, "text": "%s"}]}`
	for name, file := range map[string]string{"whisper-cli": `"$4.json"`, "whisper": `"$(basename "$4" .wav).json"`} {
		t.Run(name, func(t *testing.T) {
			e, _ := program(t, fmt.Sprintf("echo text; echo '%[2]s' >%[1]s", file, fmt.Sprintf(segment, "hello")))
			s := speech("both.wav")
			s.PerChannel = true
			got, err := e.Transcribe(t.Context(), s)
			if err != nil || len(got.Segments) != 2 || got.Segments[0].Text() != "hello" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	// The second channel's program writes nothing: the first's file is not read again.
	e, _ := program(t, fmt.Sprintf(`[ -e was ] && exit; : >was; echo '`+segment+`' >"$4.json"`, "hello"))
	s := speech("both.wav")
	s.PerChannel = true
	if got, err := e.Transcribe(t.Context(), s); err == nil {
		t.Errorf("%+v", got)
	}
}

func speech(object string) recording.Speech {
	return recording.Speech{Media: recording.Media{Object: object, Type: "audio/wav"}, Language: "en-GB"}
}

// TestPrograms that fail say why, to the log.
func TestPrograms(t *testing.T) {
	for script, want := range map[string]string{
		"echo no model >&2; exit 1": "no model",
		"echo hello":                "no JSON",
		"echo '{}'":                 "neither segments nor",
		"yes":                       "more is printed",
	} {
		e, _ := program(t, script)
		if _, err := e.Transcribe(t.Context(), speech("mono.wav")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}
