package file

import (
	"strings"
	"testing"
)

func TestMediaType(t *testing.T) {
	for head, want := range map[string]string{
		"RIFF\x24\x00\x00\x00WAVEfmt ":                        "audio/wav",
		"RIFF\x24\x00\x00\x00AVI LIST":                        "video/x-msvideo",
		"ID3\x04\x00\x00\x00\x00\x00\x00":                     "audio/mpeg",
		"\xff\xfb\x90\x64\x00\x00":                            "audio/mpeg",
		"\xff\xf1\x50\x80\x00\x1f":                            "audio/aac",
		"fLaC\x00\x00\x00\x22":                                "audio/flac",
		"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00":            "audio/mp4",
		"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00":            "video/mp4",
		"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00":            "video/quicktime",
		"OggS\x00\x02\x00\x00OpusHead":                        "audio/ogg",
		"OggS\x00\x02\x00\x00\x80theora":                      "video/ogg",
		"\x1a\x45\xdf\xa3\x01\x00\x42\x82\x84webm":            "video/webm",
		"\x1a\x45\xdf\xa3\x01\x00\x42\x82\x88matroska":        "video/x-matroska",
		strings.Repeat("G"+strings.Repeat("\x00", 187), 3):    "video/mp2t",
		"\x00\x00\x01\xba\x44\x00":                            "video/mpeg",
		"":                                                    "",
		"G":                                                   "",
		"\xff":                                                "",
		"\xff\xff\xff\xff\xff\xff":                            "", // reserved values: no frame
		"\xff\xfe<\x00h\x00t\x00m\x00l\x00":                   "", // UTF-16 text
		"<html><script>alert(1)</script>":                     "",
		"%PDF-1.7":                                            "",
		"\x89PNG\r\n\x1a\n":                                   "",
		"Go tell it on the mountain":                          "",
		"PK\x03\x04":                                          "",
		"RIFF\x24\x00\x00\x00WEBPVP8 ":                        "",
		"GIF89a" + strings.Repeat("\x00", 182) + "G":          "",
		"\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 9): "",
	} {
		if got := mediaType([]byte(head)); got != want {
			t.Errorf("%q is %q, want %q", head[:min(16, len(head))], got, want)
		}
	}
}

func FuzzMediaType(f *testing.F) {
	f.Add([]byte("RIFF\x24\x00\x00\x00WAVE"))
	f.Fuzz(func(t *testing.T, head []byte) {
		kind := mediaType(head[:min(len(head), peekBytes)])
		if kind != "" && !strings.HasPrefix(kind, "audio/") && !strings.HasPrefix(kind, "video/") {
			t.Errorf("%q", kind)
		}
	})
}
