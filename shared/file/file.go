// Package file is uploads: one object in S3 with a name, a type, a size and
// a checksum. It refuses to trust an upload: a file is ready only after its
// object has been looked at.
package file

import (
	"cmp"
	"context"
	"io"
	"mime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// Limits. The sizes are S3's own, and those of a request through the API.
const (
	MaxNameLength = 1024      // bytes, as an S3 key could hold
	MaxFormBytes  = 5 << 30   // one POST form
	MaxBytes      = 5 << 40   // an object in parts
	MaxParts      = 10_000    // parts of one object
	MinPartBytes  = 64 << 20  // of all parts but the last: 10,000 of these are 625 GiB
	MaxBodyBytes  = 4_000_000 // a body through the API, below Lambda's 6 MB event in base64
	URLLife       = time.Hour // of a presigned upload form or part
	PageParts     = 100       // presigned parts per answer
)

// Kind says what the file is for.
type Kind string

// The kinds.
const (
	General Kind = "file"
	Media   Kind = "media"
)

var kinds = []Kind{General, Media, AssetDocument, MaintenanceFile}

// State of a file.
type State string

// The states. A file that is being deleted is shown to nobody.
const (
	Pending  State = "pending"  // its upload is not finished or not yet looked at
	Ready    State = "ready"    // it can be shared
	Rejected State = "rejected" // the object is not what was announced: see Reason
	Deleting State = "deleting"
)

// File is one object in S3. It has an id for each dialect that names files.
type File struct {
	ID           string // UUID
	Organization string
	MediaID      int64  // counts up from 1 in each organization
	AssetID      string // 20 url-safe characters
	Name         string // as the uploader gave it; encode before use in any header
	ContentType  string
	Size         int64  // bytes; announced until Ready, then measured; 0 while unknown
	SHA256       string // base64 of the content's SHA-256 if the uploader gave it, or ""
	Kind         Kind
	Recording    string // id of the recording that it is the media of, or ""
	Duration     int64  // ms of such media; 0 while unknown
	About
	Assets      []string // UUIDs that it is a document of, in order and lower case
	Maintenance []string // the same of maintenances
	State       State
	Reason      string // why it was rejected
	Version     string // of the object that a form uploaded, or ""
	UploadID    string // of S3's multipart upload while it is pending, or ""
	PartSize    int64  // bytes of each part but the last, or 0
	CreatedBy   string // user id
	CreatedAt   time.Time
	ReadyAt     time.Time
	UpdatedAt   time.Time // when it was made, or linked last
	UpdatedBy   string    // user id
}

// Where files lie in the bucket, and where forms put them at first. A form
// may be sent again for as long as it lives, so nothing is handed out from
// there; what is left there goes by itself.
const (
	ObjectPrefix = "media/"
	UploadPrefix = "uploads/"
)

// Object is the file's key in the bucket.
func (f File) Object() string {
	key := ObjectPrefix + f.Organization + "/" + f.ID
	if f.Version != "" {
		key += "/" + f.Version
	}
	return key
}

// upload is the key to which the file is uploaded: parts, whose URLs end with
// their upload, go where the file stays.
func (f File) upload() string {
	if f.UploadID != "" {
		return f.Object()
	}
	return UploadPrefix + f.Organization + "/" + f.ID
}

// ParseUpload returns the organization and id of the file that was uploaded
// to a key.
func ParseUpload(key string) (organization, id string, ok bool) {
	rest, ok := strings.CutPrefix(key, UploadPrefix)
	if !ok {
		if rest, ok = strings.CutPrefix(key, ObjectPrefix); !ok {
			return "", "", false
		}
	}
	organization, id, ok = strings.Cut(rest, "/")
	return organization, id, ok && organization != "" && id != "" && !strings.Contains(id, "/")
}

// New is what an uploader says of a file before uploading it.
type New struct {
	Name        string // required
	ContentType string // a media type; "" becomes application/octet-stream
	Size        int64  // bytes; 0 if not known, which a form then allows up to MaxFormBytes
	SHA256      string // base64, or ""
	Kind        Kind   // "" becomes General
	About
	Assets []string // UUIDs that it is an AssetDocument of from the beginning, at most MaxNewLinks
	Parts  bool     // upload in parts, also when a form would do
	Once   account.Once
}

func (n *New) validate() error {
	if err := checkName(n.Name); err != nil {
		return err
	}
	if n.ContentType == "" {
		n.ContentType = "application/octet-stream"
	}
	if mt, _, err := mime.ParseMediaType(n.ContentType); err != nil || !strings.Contains(mt, "/") || len(n.ContentType) > 255 {
		return fault.Field(fault.Invalid, "content_type", "is not a media type such as application/pdf")
	}
	if n.Kind == "" {
		n.Kind = General
	}
	if !slices.Contains(kinds, n.Kind) {
		return fault.Field(fault.Invalid, "kind", "must be one of: %s, %s, %s, %s", General, Media, AssetDocument, MaintenanceFile)
	}
	if err := cmp.Or(n.checkAssets(), n.About.normalise()); err != nil {
		return err
	}
	if n.Size < 0 || n.Size > MaxBytes {
		return fault.Field(fault.Invalid, "size", "must be from 0 to %d bytes", int64(MaxBytes))
	}
	if n.SHA256 != "" && !isSHA256(n.SHA256) {
		return fault.Field(fault.Invalid, "sha256", "must be the base64 of 32 bytes")
	}
	return nil
}

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.Field(fault.Missing, "name", "is missing")
	case len(name) > MaxNameLength:
		return fault.Field(fault.Invalid, "name", "is longer than %d bytes", MaxNameLength)
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return fault.Field(fault.Invalid, "name", "is not valid UTF-8 text")
	}
	return nil
}

// Upload is how the bytes of a file get to S3.
type Upload struct {
	File      File
	Method    string            // "POST" for a form, "PUT" for parts, "" when nothing is left to upload
	URL       string            // of the form
	Fields    map[string]string // of the form, to send before the field "file"
	Parts     []Part
	PartSize  int64
	PartCount int // 0 when the size is not known
	ExpiresAt time.Time
}

// Part is one part of an upload in parts.
type Part struct {
	Number int
	URL    string // presigned PUT
	ETag   string // as S3 answered it, when the upload is completed
}

// Page asks for part of a list.
type Page struct {
	Limit  int    // 1 to 100
	Cursor string // of the page before, or ""
}

// Store keeps files. Its errors are *fault.Error, *account.ReplayedError or
// internal.
type Store interface {
	// NextMediaID returns a number never returned before for the organization.
	NextMediaID(ctx context.Context, organization string) (int64, error)
	// AddFile creates a file; *account.ReplayedError if once was done before.
	// A pending file goes by itself when its upload was given up long ago.
	AddFile(ctx context.Context, f File, once account.Once) error
	// Replay returns the id of what once made, or "".
	Replay(ctx context.Context, once account.Once) (string, error)
	// File returns a file, read consistently, or NotFound.
	File(ctx context.Context, organization, id string) (File, error)
	// FileByMediaID does the same by the file's number.
	FileByMediaID(ctx context.Context, organization string, mediaID int64) (File, error)
	// Files returns a page of files, newest first, read consistently.
	Files(ctx context.Context, organization string, p Page) ([]File, string, error)
	// SettleFile writes State, Reason, ContentType, Size, Duration, Version and ReadyAt of a file
	// that is still pending; otherwise it changes nothing and says Conflict.
	SettleFile(ctx context.Context, f File) error
	// LinkFile makes a file belong to an entity, and answers it as it is then.
	// NotFound if it is gone or being deleted, Stale if its kind is not the one
	// of f any more, Conflict if it is not ready or has MaxLinks.
	LinkFile(ctx context.Context, f File, l Link) (File, error)
	// Linked returns the files of entities, each once and the oldest
	// first, read consistently.
	Linked(ctx context.Context, organization string, kind Kind, entities ...string) ([]File, error)
	// CountLinked returns how many Linked would be, read consistently.
	CountLinked(ctx context.Context, organization string, kind Kind, entity string) (int, error)
	// BeginDelete makes the file unusable for new links and hides it.
	// Repeating it is no error.
	BeginDelete(ctx context.Context, f File) error
	// FinishDelete removes the record and what links it. Repeating it is no error.
	FinishDelete(ctx context.Context, f File) error
}

// Object is what S3 says of an object.
type Object struct {
	Size        int64
	ContentType string
	SHA256      string // base64, or "" if S3 was not given one
	ETag        string // another one when the content is
}

// Objects keeps the bytes.
type Objects interface {
	// Head describes an object, or NotFound.
	Head(ctx context.Context, key string) (Object, error)
	Put(ctx context.Context, key string, body []byte, contentType, sha256 string) error
	// Peek returns so many bytes of an object from an offset on, or fewer at
	// its end, or NotFound or Conflict like Copy.
	Peek(ctx context.Context, key, etag string, offset int64, bytes int) ([]byte, error)
	// Stream puts an object of what is read, of any length. A reader that
	// fails leaves nothing.
	Stream(ctx context.Context, key string, from io.Reader) error
	// Copy copies an object with its type, or NotFound or Conflict if it is
	// not there with this ETag any more.
	Copy(ctx context.Context, from, etag, to string) error
	// Delete removes an object for good. There being none is no error.
	Delete(ctx context.Context, key string) error
	CreateUpload(ctx context.Context, key, contentType string) (uploadID string, err error)
	// CompleteUpload joins the parts; Invalid if S3 refuses them.
	CompleteUpload(ctx context.Context, key, uploadID string, parts []Part) error
	// AbortUpload forgets the parts. An unknown upload is no error.
	AbortUpload(ctx context.Context, key, uploadID string) error
}

// Presigner makes URLs that let their holder upload, without any network.
type Presigner interface {
	// Form allows one POST of exactly size bytes, or up to MaxFormBytes if
	// size is 0, with the checksum if one is given.
	Form(ctx context.Context, key string, f File) (url string, fields map[string]string, expires time.Time, err error)
	// Put allows one PUT of anything, whatever headers it has.
	Put(ctx context.Context, key string, life time.Duration) (url string, expires time.Time, err error)
	// Play leads to a file, to be played, or saved.
	Play(ctx context.Context, f File, download bool) (url string, err error)
	// Part allows one PUT of one part.
	Part(ctx context.Context, key, uploadID string, number int) (url string, expires time.Time, err error)
}

// Links ends what points at a file.
type Links interface {
	DeleteForFile(ctx context.Context, who account.Principal, fileID string) error
}
