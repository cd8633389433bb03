package latchkey

import (
	"time"
)

// stamp is a moment as the API writes it: RFC 3339, in UTC, with milliseconds
// if there are any.
type stamp string

// stampOf returns t, or nil for the zero time.
func stampOf(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	s := stamp(t.UTC().Format("2006-01-02T15:04:05.000Z"))
	return &s
}

type fileJSON struct {
	ID           string   `json:"id"`
	MediaID      int64    `json:"media_id"`
	AssetID      string   `json:"asset_id"`
	Name         string   `json:"name"`
	ContentType  string   `json:"content_type"`
	Size         int64    `json:"size"`
	SHA256       *string  `json:"sha256"`
	Kind         string   `json:"kind"`
	Assets       []string `json:"assets"`
	Maintenances []string `json:"maintenances"`
	Status       string   `json:"status"`
	Reason       *string  `json:"reason"`
	CreatedAt    *stamp   `json:"created_at"`
	ReadyAt      *stamp   `json:"ready_at"`
}

type uploadJSON struct {
	Method string `json:"method"`
	// Of a form.
	URL    string            `json:"url,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	// Of an upload in parts.
	PartSize    int64      `json:"part_size,omitempty"`
	PartCount   *int       `json:"part_count,omitempty"` // absent when the size is not known
	Parts       []partJSON `json:"parts,omitempty"`
	CompleteURL string     `json:"complete_url,omitempty"`

	ExpiresAt *stamp `json:"expires_at"`
}

type partJSON struct {
	Number int    `json:"number"`
	URL    string `json:"url"`
}

type linkJSON struct {
	ID          string  `json:"id"`
	Number      *int64  `json:"number"`
	Kind        string  `json:"kind"`
	FileID      *string `json:"file_id"`
	MediaID     *int64  `json:"media_id"`
	RecordingID *string `json:"recording_id"`
	DocumentID  *string `json:"document_id"`
	Filename    string  `json:"filename"`
	URL         *string `json:"url"`
	PageURL     *string `json:"page_url"`
	State       string  `json:"state"`
	ExpiresAt   *stamp  `json:"expires_at"`
	Limit       int64   `json:"limit"`
	Used        int64   `json:"used"`
	Remaining   *int64  `json:"remaining"`
	Note        string  `json:"note"`
	Recipient   *string `json:"recipient"`
	ParentID    *string `json:"parent_id"`
	MailState   *string `json:"mail_state"`
	CreatedAt   *stamp  `json:"created_at"`
	CreatedBy   string  `json:"created_by"`
	RevokedAt   *stamp  `json:"revoked_at"`
}

type eventJSON struct {
	ID         string  `json:"id"`
	Type       string  `json:"type"`
	At         *stamp  `json:"at"`
	LinkID     string  `json:"link_id"`
	ViaLinkID  *string `json:"via_link_id"`
	FileID     *string `json:"file_id"`
	DocumentID *string `json:"document_id"`
	By         *string `json:"by"`
	From       *string `json:"from"`
	Agent      *string `json:"agent"`
	Recipient  *string `json:"recipient"`
	Reason     *string `json:"reason"`
	Automatic  bool    `json:"automatic"`
}

type keyJSON struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	UserID    string `json:"user_id"`
	CreatedAt *stamp `json:"created_at"`
}

type organizationJSON struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Standing  string   `json:"standing"`
	Keywords  []string `json:"keywords"`
	CreatedAt *stamp   `json:"created_at"`
}
