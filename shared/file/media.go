package file

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file/probe"
)

// MediaLife is how long a URL lives to which a recording's media is uploaded.
const MediaLife = 24 * time.Hour

// peekBytes are what a file's type is told by.
const peekBytes = 512

// Receive announces the media of a recording. Nobody says its type or size:
// what is uploaded decides, and is rejected if it is neither sound nor video.
func (s *Service) Receive(ctx context.Context, who account.Principal, name, recordingID string) (File, error) {
	f, err := s.make(ctx, who, New{Name: name, Kind: Media})
	if err != nil {
		return File{}, err
	}
	f.Recording = recordingID
	return s.add(ctx, f, account.Once{})
}

// PutURL returns a URL for one PUT of a pending file, with whatever headers;
// Conflict if it is not pending any more.
func (s *Service) PutURL(ctx context.Context, organization, id string) (url string, expires time.Time, err error) {
	f, err := s.get(ctx, organization, id)
	if err == nil && (f.State != Pending || f.UploadID != "") {
		err = fault.New(fault.Conflict, "the file is not waiting for an upload")
	}
	if err != nil {
		return "", time.Time{}, err
	}
	return s.Presign.Put(ctx, f.upload(), MediaLife)
}

// Fill uploads a pending file from what is read; NotFound if it was deleted,
// nothing if it was uploaded before.
func (s *Service) Fill(ctx context.Context, organization, id string, from io.Reader) error {
	f, err := s.get(ctx, organization, id)
	if err != nil || f.State != Pending {
		return err
	}
	return s.Objects.Stream(ctx, f.upload(), from)
}

// Waits reports whether a file's upload is yet to come, or to be looked at;
// NotFound if it was deleted.
func (s *Service) Waits(ctx context.Context, organization, id string) (bool, error) {
	f, err := s.get(ctx, organization, id)
	return f.State == Pending, err
}

// Play returns a URL of a file that is ready: to play it, or with download to
// save it.
func (s *Service) Play(ctx context.Context, organization, id string, download bool) (string, error) {
	f, err := s.get(ctx, organization, id)
	if err == nil && f.State != Ready {
		err = errNotFound()
	}
	if err != nil {
		return "", err
	}
	if download && path.Ext(f.Name) == "" {
		f.Name += extensions[f.ContentType]
	}
	return s.Presign.Play(ctx, f, download)
}

// extensions end the names of media that was saved under a name without one.
var extensions = map[string]string{
	"audio/3gpp": ".3gp", "audio/aac": ".aac", "audio/aiff": ".aiff", "audio/amr": ".amr", "audio/flac": ".flac", "audio/mp4": ".m4a",
	"audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/webm": ".webm", "audio/x-caf": ".caf", "audio/x-matroska": ".mka", "video/3gpp": ".3gp", "video/mp2t": ".ts", "video/mp4": ".mp4",
	"video/mpeg": ".mpg", "video/ogg": ".ogv", "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv",
	"video/x-ms-asf": ".asf", "video/x-msvideo": ".avi",
}

// sounds are the types of containers in which there is no picture.
var sounds = map[string]string{
	"video/3gpp": "audio/3gpp", "video/mp4": "audio/mp4", "video/webm": "audio/webm", "video/x-matroska": "audio/x-matroska",
}

// look tells the type of media that was uploaded, and how long it lasts.
func (s *Service) look(ctx context.Context, f File, o Object) (File, error) {
	if f.Recording == "" {
		return f.judge(o), nil
	}
	at := func(ctx context.Context, offset int64, n int) ([]byte, error) {
		return s.Objects.Peek(ctx, f.upload(), o.ETag, offset, n)
	}
	head, err := at(ctx, 0, peekBytes)
	if err != nil {
		return f, err
	}
	f.State, f.Size = Ready, o.Size
	if f.ContentType = mediaType(head); f.ContentType == "" {
		f.State, f.Reason, f.ContentType = Rejected, "it is neither sound nor video", "application/octet-stream"
		return f, nil
	}
	facts, err := probe.Read(ctx, f.ContentType, o.Size, at)
	if err != nil {
		return f, err
	}
	f.Duration = facts.Duration
	if kind := sounds[f.ContentType]; facts.Sound && kind != "" {
		f.ContentType = kind
	}
	return f, nil
}

// signatures tell types that http.DetectContentType does not know, or knows
// by another name.
var signatures = []struct {
	at    int
	bytes string
	kind  string
}{
	{0, "fLaC", "audio/flac"}, {0, "#!AMR", "audio/amr"}, {0, "caff", "audio/x-caf"},
	{8, "WAVE", "audio/wav"}, {8, "AVI ", "video/x-msvideo"}, {8, "AIFF", "audio/aiff"}, {8, "AIFC", "audio/aiff"},
	{4, "ftypM4A", "audio/mp4"}, {4, "ftypM4B", "audio/mp4"}, {4, "ftypqt", "video/quicktime"}, {4, "ftyp3g", "video/3gpp"}, {4, "ftyp", "video/mp4"},
	{4, "moov", "video/quicktime"}, {4, "mdat", "video/quicktime"}, {4, "wide", "video/quicktime"},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"},
	{0, "\x00\x00\x01\xba", "video/mpeg"}, {0, "\x00\x00\x01\xb3", "video/mpeg"},
	{0, "ID3", "audio/mpeg"}, {0, "\xff\xf1", "audio/aac"}, {0, "\xff\xf9", "audio/aac"},
}

// mediaType returns the media type of what begins with head, or "" if that
// is neither sound nor video.
func mediaType(head []byte) string {
	for _, s := range signatures {
		if len(head) > s.at && bytes.HasPrefix(head[s.at:], []byte(s.bytes)) {
			return s.kind
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("OggS")):
		if bytes.Contains(head, []byte("\x80theora")) {
			return "video/ogg"
		}
		return "audio/ogg"
	case bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")) && bytes.Contains(head, []byte("matroska")):
		return "video/x-matroska"
	case isMP3(head):
		return "audio/mpeg"
	case len(head) > 376 && head[0] == 0x47 && head[188] == 0x47 && head[376] == 0x47:
		return "video/mp2t"
	}
	kind := http.DetectContentType(head)
	if strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") {
		return kind
	}
	return ""
}

// isMP3 tells a frame of MPEG audio, layer I to III, by its header (ISO/IEC
// 11172-3, 2.4.1.3): none of its fields may have a reserved value.
func isMP3(head []byte) bool {
	return len(head) > 4 && head[0] == 0xff && head[1]&0xe0 == 0xe0 && // sync
		head[1]&0x18 != 0x08 && head[1]&0x06 != 0 && head[2]&0xf0 != 0xf0 && head[2]&0x0c != 0x0c
}
