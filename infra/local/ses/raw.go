package ses

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"latchkey/infra/local/inbox"
)

// maxDepth bounds multiparts within multiparts.
const maxDepth = 8

// composeRaw reads a MIME message. Addresses of the call win over those of
// its headers, which are what is left out of the call.
func composeRaw(in sendEmailInput) (inbox.Message, error) {
	raw := in.Content.Raw.Data
	if len(raw) > maxMessage {
		return inbox.Message{}, badRequest("Message length is more than %d bytes long", maxMessage)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return inbox.Message{}, badRequest("Message could not be read: %s", err)
	}
	h := textproto.MIMEHeader(msg.Header)
	if in.FromEmailAddress == "" {
		in.FromEmailAddress = decoded(h.Get("From"))
	}
	if in.Destination.all() == nil {
		in.Destination = destination{addresses(msg.Header, "To"), addresses(msg.Header, "Cc"), addresses(msg.Header, "Bcc")}
	}
	if in.ReplyToAddresses == nil {
		in.ReplyToAddresses = addresses(msg.Header, "Reply-To")
	}
	if err := checkSender(in.FromEmailAddress, in.ReplyToAddresses, in.EmailTags); err != nil {
		return inbox.Message{}, err
	}
	v, err := accept(in.Destination)
	if err != nil {
		return inbox.Message{}, err
	}
	m := envelope(in.FromEmailAddress, in.ReplyToAddresses, in.Destination, v)
	m.Subject, m.Tags = decoded(h.Get("Subject")), toMap(in.EmailTags)
	if err := readPart(&m, h, msg.Body, 0); err != nil {
		return m, badRequest("Message could not be read: %s", err)
	}
	return m, nil
}

func addresses(h mail.Header, name string) []string {
	list, err := h.AddressList(name)
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}

func decoded(s string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return d
	}
	return s
}

// readPart keeps the first text and the first HTML part it meets; attachments
// are left out.
func readPart(m *inbox.Message, h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // RFC 2045 section 5.2: the default
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		return readParts(m, multipart.NewReader(body, params["boundary"]), depth+1)
	}
	if strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		return nil
	}
	to := &m.Text
	if kind == "text/html" {
		to = &m.HTML
	} else if kind != "text/plain" {
		return nil
	}
	b, err := io.ReadAll(transferDecoder(h, body))
	if err == nil && *to == "" {
		*to = strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return err
}

func readParts(m *inbox.Message, r *multipart.Reader, depth int) error {
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := readPart(m, p.Header, p, depth); err != nil {
			return err
		}
	}
}

func transferDecoder(h textproto.MIMEHeader, r io.Reader) io.Reader {
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	default:
		return r
	}
}
