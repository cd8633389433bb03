package sweetconnect

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"math"
	"mime"
	"net/http"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/ident"
)

// maxRead is what is read of a file, in bytes, to say how large one is that is
// too large. The gateway lets less through.
const maxRead = 10 << 20

// upload is a document to be made, and the organization that it shall be of.
type upload struct {
	file.New
	organization string
	body         []byte
}

func readZip(r *http.Request) (u upload, err error) {
	asset, err := pathUUID(r, "assetId", "assetId")
	if err != nil {
		return u, err
	}
	form, err := dialect.ReadForm(r, maxRead)
	if err != nil {
		switch {
		case fault.Is(err, fault.TooLarge) && r.ContentLength > maxRead:
			err = tooLarge(r.ContentLength)
		case fault.Is(err, fault.TooLarge): // not the file
			err = fault.Wrap(fault.Invalid, err, "the fields of the form are too large")
		}
		return u, err
	}
	if u, err = readAbout(form); err != nil {
		return u, err
	}
	u.Assets = []string{asset}
	sent, err := form.File("file")
	switch {
	case err != nil:
		return u, err
	case sent == nil:
		return u, dialect.Missing("file")
	case len(sent.Body) > file.MaxBodyBytes:
		return u, tooLarge(int64(len(sent.Body)))
	case !isZip(sent):
		return u, own400("InvalidMimeType", "The file must be a ZIP archive.", map[string]any{"mimetype": sent.ContentType, "allowed": []string{zipType}})
	}
	u.Name, u.ContentType, u.body = sent.Name, zipType, sent.Body
	return u, nil
}

func readAbout(form dialect.Form) (u upload, err error) {
	for _, f := range []struct {
		name     string
		to       *string
		required bool
	}{
		{"displayname", &u.DisplayName, true}, {"organizationId", &u.organization, true}, {"categoryId", &u.Category, true},
		{"supplierName", &u.SupplierName, false},
	} {
		if *f.to, _, err = form.String(f.name); err != nil {
			return u, err
		}
		if *f.to = strings.TrimSpace(*f.to); *f.to == "" && f.required {
			return u, dialect.Missing(f.name)
		}
		if strings.HasSuffix(f.name, "Id") && !ident.IsUUID(*f.to) {
			return u, fault.Field(fault.Invalid, f.name, "must be a UUID")
		}
	}
	u.organization = strings.ToLower(u.organization)
	codes, _, err := form.Strings("languageCodes")
	if err != nil {
		return u, err
	}
	for _, code := range codes {
		for one := range strings.SplitSeq(code, ",") {
			if one = strings.TrimSpace(one); one != "" {
				u.Languages = append(u.Languages, one)
			}
		}
	}
	u.SupplierDocument, _, err = form.Bool("supplierDocument")
	return u, err
}

const zipType = "application/zip"

// isZip reports whether a file is called a ZIP archive, or nothing special, and
// is one.
func isZip(f *dialect.File) bool {
	kind, _, _ := mime.ParseMediaType(f.ContentType)
	if !slices.Contains([]string{"", zipType, "application/x-zip-compressed", "application/x-zip", "application/octet-stream"}, kind) {
		return false
	}
	_, err := zip.NewReader(bytes.NewReader(f.Body), int64(len(f.Body)))
	return err == nil
}

// tooLarge says how large a file is, and may be, in MB.
func tooLarge(size int64) error {
	return own400("FileTooLarge", "The file is too large to come through this API. Upload it to the URL that POST /api/v1/files answers, and name its asset there.",
		map[string]any{"maxFileSize": float64(file.MaxBodyBytes) / 1e6, "currentFileSize": math.Ceil(float64(size)/1e4) / 100})
}

// uploaded is a document that was made, or the one that was there.
type uploaded struct {
	file file.File
	twin bool
}

func (a API) upload(ctx context.Context, who account.Principal, u upload) (uploaded, error) {
	if err := own(who, u.organization); err != nil {
		return uploaded{}, err
	}
	f, twin, err := a.Files.CreateDocument(ctx, who, u.New, u.body)
	return uploaded{f, twin}, formFault(err)
}

// formFault gives the domain's fields their names in the form.
func formFault(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || formFields[e.Field] == "" {
		return err
	}
	return inField(err, formFields[e.Field])
}

var formFields = map[string]string{
	"name": "file", "display_name": "displayname", "supplier_name": "supplierName", "category": "categoryId", "languages": "languageCodes",
}

// warningJSON is what is said of a document that was there already.
type warningJSON struct {
	Code      string `json:"warningCode"`
	Message   string `json:"message"`
	Extension struct {
		Document documentJSON `json:"document"`
	} `json:"extension"`
}

func writeUploaded(_ *http.Request, u uploaded) (dialect.Response, error) {
	if !u.twin {
		return data(http.StatusCreated, documentOf(u.file))
	}
	w := warningJSON{Code: "DuplicateDocument", Message: "The asset has a document with this content already."}
	w.Extension.Document = documentOf(u.file)
	return data(http.StatusOK, w)
}
