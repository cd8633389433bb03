package dialect

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"latchkey/shared/fault"
)

// OrNull is v, or nil for the zero value: what JSON shows as null.
func OrNull[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// String returns a string field; "" and false when it is absent or null.
// path is how the caller wrote the field, for the error.
func (o Object) String(name, path string) (string, bool, error) {
	switch v := o[name].(type) {
	case nil:
		return "", false, nil
	case string:
		if strings.ContainsRune(v, 0) {
			return "", false, fault.Field(fault.Invalid, path, "has a NUL character")
		}
		return v, true, nil
	}
	return "", false, fault.Field(fault.Invalid, path, "must be a string")
}

// Int returns an integer field; 0 and false when it is absent or null. 5.0,
// 5e0 and "5" are not integers.
func (o Object) Int(name, path string) (int64, bool, error) {
	v, ok := o[name]
	if !ok || v == nil {
		return 0, false, nil
	}
	n, _ := v.(json.Number)
	i, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil {
		return 0, false, fault.Field(fault.Invalid, path, "must be an integer")
	}
	return i, true, nil
}

// Object returns an object field; nil and false when it is absent or null.
func (o Object) Object(name, path string) (Object, bool, error) {
	switch v := o[name].(type) {
	case nil:
		return nil, false, nil
	case Object:
		return v, true, nil
	}
	return nil, false, fault.Field(fault.Invalid, path, "must be an object")
}

// Array returns an array field; nil and false when it is absent or null.
func (o Object) Array(name, path string) ([]any, bool, error) {
	switch v := o[name].(type) {
	case nil:
		return nil, false, nil
	case []any:
		return v, true, nil
	}
	return nil, false, fault.Field(fault.Invalid, path, "must be an array")
}

// Missing is the fault of a required field that is absent.
func Missing(path string) error { return fault.Field(fault.Missing, path, "is missing") }

// ParseExpiry reads when something ends: an RFC 3339 time with its offset,
// or a date, which means the end of that day in UTC, the first moment of the
// next one.
func ParseExpiry(s, path string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err == nil {
		t = t.AddDate(0, 0, 1)
	} else {
		t, err = time.Parse(time.RFC3339, s)
	}
	if err == nil && t.UTC().Year() > 9999 {
		// The last day that can be written, which many say for "never".
		t = time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	}
	if err != nil {
		return time.Time{}, fault.Field(fault.Invalid, path,
			"must be a date such as 2030-12-31 or a time such as 2030-12-31T17:00:00+02:00")
	}
	return t.UTC(), nil
}
