// Package recording is media with what was said in it: recordings, which
// Scriptix calls sessions and Sonix media, their documents and the comments
// on them. Every rule about who may do what with a document, as an owner or
// by a link, is decided here. It refuses to know about HTTP, AWS or any
// dialect.
package recording

import (
	"fmt"
	"time"

	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// Limits.
const (
	MaxNameLength    = 200    // characters of a recording's or document's name
	MaxFolders       = 1000   // of one organization
	MaxFolderDepth   = 10     // of folders in each other
	MaxKeywords      = 500    // of one recording
	MaxSpeakers      = 32     // labels of channels
	MaxCustomData    = 16_000 // bytes
	MaxRecordings    = 10_000 // of one organization: lists are sorted and searched in memory
	MaxDocuments     = 200    // of one recording
	MaxComments      = 2_000  // of one document
	MaxCommentLength = 5_000  // characters
	MaxMessageLength = 500    // characters of the message in a mail
	MaxRecipients    = 50     // of one mail
	MaxLinkLife      = 10 * 365 * 24 * time.Hour
	FrameRate        = 25 // frames a second of a time code
)

// Status is how far the work on a recording, or what is made of one, is. Dialects have words of their
// own for it.
type Status string

// The states.
const (
	New          Status = "new"          // waits for its media
	Created      Status = "created"      // to be aligned: waits for a transcript
	Preparing    Status = "preparing"    // its media is being fetched or looked at
	Transcribing Status = "transcribing" // an engine works on it
	Aligning     Status = "aligning"     // an engine works on it
	Completed    Status = "completed"
	Failed       Status = "failed" // see Reason
	Blocked      Status = "blocked"

	Queued     Status = "queued" // of what is made of a recording
	Processing Status = "processing"
)

// Recording is a media file with its settings, status and documents.
type Recording struct {
	ID           string // 8 characters of base62, unique everywhere
	Organization string
	Name         string
	Language     string // BCP 47
	Status       Status
	Reason       string // why it failed
	Align        bool   // made to be aligned with a given transcript
	Source       string // URL its media is or was fetched from, or ""
	Fetching     bool   // it is
	FileID       string // of its media or the upload that is awaited, or ""
	NextSource   string // URL that new media is being fetched from, or ""
	NextFile     string // of new media that is awaited, which takes the place of FileID, or ""
	MediaType    string // "audio/mpeg" once its media is there, or ""
	Duration     int64  // ms; 0 while unknown
	Video        bool
	Channels     int    // of its sound; 0 while unknown, or without sound
	Peaks        string // key of how loud its media is, or ""
	Thumbnail    string // key of a picture of its media, or ""
	FolderID     string
	KeepSource   bool
	Diarization  bool
	Punctuation  bool
	Multichannel bool
	DocumentType Type      // what its documents are laid out for, unless told
	Keywords     []string  // hints for the engine
	Speakers     []string  // labels of its channels
	Script       string    // key of the text it is to be aligned with, or ""
	CustomData   string    // JSON object of the maker's, or ""
	Label        string    // of the maker's
	Callback     string    // URL that is told when the work on it ends, or ""
	Replaces     string    // key of the content that its Run was asked for instead of, or ""
	Run          string    // of the engine that transcribes it or did last, 8 characters of base62, or ""
	Public       share.Ref // of the share by which anybody reads it, or ""
	Settings     Settings
	Documents    int64 // how many it has
	Deleting     bool  // hidden, on its way out
	CreatedBy    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Settings are what links to a recording's documents allow, at the moment
// they are used.
type Settings struct {
	Share    bool // links work at all
	Edit     bool
	Export   bool
	Comments bool
	LinkLife time.Duration // from a link's creation; 0: for ever
}

// DefaultSettings are those of a new recording. Editing is off: who is handed
// a link should not be able to change what others read unless somebody said so.
func DefaultSettings() Settings { return Settings{Share: true, Export: true, Comments: true} }

// Type says what a document is laid out for.
type Type string

// The types.
const (
	Transcript Type = "document" // paragraphs to read
	Caption    Type = "caption"  // lines to show
)

// Document is one transcript of a recording. Its content lies in the bucket,
// an object for each version; the first one stays, to be reset to.
type Document struct {
	ID             string // 12 characters of base62
	Organization   string
	Recording      string
	Filename       string
	Type           Type
	Language       string
	Finished       bool   // refuses edits
	NoSharing      bool   // links to it do not work
	TimecodeOffset string // "HH:MM:SS:FF"
	Plain          bool   // plain_document_changed, as last said
	Bare           bool   // its words were given without the white space between them, and are told so
	Version        int64  // counts up with every change; the ETag
	Original       string // key of the content that it was made with
	Content        string // key of the content now
	Size           int64  // bytes of the content, as JSON
	OriginalSize   int64
	Deleting       bool
	CreatedBy      string
	CreatedAt      time.Time
	ModifiedAt     time.Time
}

// Offset is what is added to every time of the document when it is written
// down for others, in milliseconds.
func (d Document) Offset() int64 {
	var h, m, sec, frames int64
	// What has another form is no offset.
	_, _ = fmt.Sscanf(d.TimecodeOffset, "%d:%d:%d:%d", &h, &m, &sec, &frames)
	return ((h*60+m)*60+sec)*1000 + frames*1000/FrameRate
}

// Comment is a remark on a document, at a time in it or on the whole.
type Comment struct {
	ID        string // 12 characters of base62
	Document  string
	At        int64 // ms; -1 for none
	Author    string
	By        string // user id, or "link:" and the id of a share
	Text      string
	Resolved  bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Read is a document with its content.
type Read struct {
	Document
	Transcript transcript.Transcript
}
