package page

import (
	"time"

	"latchkey/shared/file"
	"latchkey/shared/page/wording"
	"latchkey/shared/share"
)

// Lengths, in characters, of what others wrote.
const (
	maxName    = 120
	maxSender  = 60
	maxHeading = 40 // of a name in the browser's tab
)

// link is what the page of a link that works says.
type link struct {
	Title   string
	Sender  string // or ""
	Message string // or ""
	Name    string
	Full    string // the name where Name is cut, or ""
	Kind    string
	Size    string
	Left    string  // or "" without a limit
	Shared  bool    // the limit is one for all recipients
	Until   *moment // or nil
	Again   bool    // this browser may repeat its download
	Attempt string  // names this showing of the page
}

// moment is a time in words and for machines.
type moment struct{ Words, ISO string }

func momentOf(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	t = wording.Last(t)
	return &moment{Words: wording.Moment(t), ISO: t.Format(time.RFC3339)}
}

func linkOf(v share.View, f file.File, attempt string) link {
	full := wording.Line(v.Spends.Target.Name)
	l := link{
		Title: wording.CutName(full, maxHeading), Attempt: attempt,
		Sender: wording.Cut(wording.Line(v.Sender), maxSender), Message: wording.Text(v.Message),
		Name: wording.CutName(full, maxName), Kind: wording.Kind(v.Spends.Target.ContentType, full),
		Size: wording.Size(f.Size), Until: momentOf(v.Spends.ExpiresAt), Again: v.Repeats,
	}
	if l.Name != full {
		l.Full = full
	}
	if v.Spends.Limit > 0 {
		l.Left = wording.Number(v.Spends.Left()) + " of " + wording.Downloads(v.Spends.Limit) + " left"
		l.Shared = v.Share.Kind == share.Recipient && v.Spends.Limit > 1
	}
	return l
}

// goneNotice tells the holder of a token what became of its link. One that
// was withdrawn does not say what it led to.
func goneNotice(v share.View) Notice {
	n := Notice{Ask: wording.Cut(wording.Line(v.Sender), maxSender)}
	if n.Ask == "" {
		n.Ask = "whoever sent it to you"
	}
	if v.State == share.Revoked {
		n.Heading, n.Text = "This link was withdrawn", "Whoever shared it has ended it."
		return n
	}
	n.Name = wording.CutName(wording.Line(v.Spends.Target.Name), maxName)
	if v.State == share.Expired {
		n.Heading, n.Text = "This link has expired", "Its time is over, and it can no longer be used."
		n.Until = momentOf(v.Spends.ExpiresAt)
		return n
	}
	n.Heading = "Nothing left to download"
	n.Text = "This link allowed " + wording.Downloads(v.Spends.Limit) + ", and all of them are used."
	if v.Spends.Limit == 1 {
		n.Text = "This link allowed 1 download, and it is used."
	}
	n.Text += " If yours broke off less than 30 minutes ago, open the link in the browser you used then."
	return n
}
