package journal

import (
	"log/slog"
	"strconv"
	"time"

	"latchkey/shared/metric"
)

// metadataField is the member of a line that tells CloudWatch which of its
// other members are metrics (CloudWatch User Guide, "Specification: Embedded
// metric format").
const metadataField = "_aws"

// metadata is the value of that member. The namespace is the logger's own.
type metadata struct {
	namespace []byte // as JSON
	at        time.Time
	tally     *metric.Tally
}

// counted appends to a line's attributes what makes it count t, if t has
// anything.
func counted(attrs []slog.Attr, t *metric.Tally, at time.Time) []slog.Attr {
	if t.Empty() {
		return attrs
	}
	attrs = append(attrs, slog.Any(metadataField, &metadata{at: at, tally: t}))
	for m, v := range t.Counts() {
		attrs = append(attrs, slog.Float64(m.Name(), v))
	}
	return attrs
}

// MarshalJSON implements json.Marshaler. The one set of dimensions is empty:
// the namespace already tells stacks apart.
func (d *metadata) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 256), `{"Timestamp":`...)
	b = strconv.AppendInt(b, d.at.UnixMilli(), 10)
	b = append(append(b, `,"CloudWatchMetrics":[{"Namespace":`...), d.namespace...)
	b = append(b, `,"Dimensions":[[]],"Metrics":[`...)
	for m := range d.tally.Counts() {
		b = append(append(b, `{"Name":"`...), m.Name()...)
		b = append(append(b, `","Unit":"`...), m.Unit()...)
		b = append(b, `"},`...)
	}
	return append(b[:len(b)-1], `]}]}`...), nil
}
