package presign

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"latchkey/shared/disposition"
)

// octetStream is the type of everything that a browser might run.
const octetStream = "application/octet-stream"

// GetOptions says how a download looks to a browser.
type GetOptions struct {
	FileName    string        // any text; made safe
	ContentType string        // as stored or claimed; replaced when it is not harmless
	Inline      bool          // play or show it, if its type is allow-listed; otherwise it is an attachment
	Life        time.Duration // 0: PlaybackLife inline, else DownloadLife; at most MaxGetLife
}

// Get returns a URL of an object and the moment at which it is dead. Type
// and disposition are part of the signature: the holder cannot change them.
func (p *Presigner) Get(ctx context.Context, key string, o GetOptions) (string, time.Time, error) {
	kind, life := "attachment", DownloadLife
	contentType := SafeType(o.ContentType)
	if o.Inline && inlineType(contentType) {
		kind, life = "inline", PlaybackLife
	}
	query := "response-content-disposition=" + escape(disposition.Header(kind, o.FileName), false) +
		"&response-content-type=" + escape(contentType, false) + "&x-id=GetObject"
	return p.sign(ctx, request{method: http.MethodGet, key: key, query: query}, orElse(o.Life, life), MaxGetLife)
}

// SafeType returns the media type, without parameters, under which a stored
// object may be handed out from the bucket's origin: itself if no browser
// runs it, else application/octet-stream. S3 cannot send nosniff.
func SafeType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil || !(inlineType(t) || slices.Contains(attachmentTypes(), t)) {
		return octetStream
	}
	return t
}

// inlineType reports whether a browser may show the type: sound, moving and
// still pictures, none of which can hold a script (so not SVG).
func inlineType(t string) bool {
	kind, sub, _ := strings.Cut(t, "/")
	switch kind {
	case "audio":
		return slices.Contains([]string{"aac", "flac", "mp3", "mp4", "mpeg", "ogg", "opus", "wav", "wave", "webm", "x-flac", "x-m4a", "x-wav"}, sub)
	case "video":
		return slices.Contains([]string{"mp4", "mpeg", "ogg", "quicktime", "webm", "x-m4v"}, sub)
	case "image":
		return slices.Contains([]string{"gif", "jpeg", "png", "webp"}, sub)
	}
	return false
}

// attachmentTypes are harmless, but nothing to show.
func attachmentTypes() []string {
	return []string{"application/gzip", "application/json", "application/msword", "application/vnd.ms-excel",
		"application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip",
		"image/heic", "image/tiff", "text/csv", "text/plain", "text/vtt"}
}
