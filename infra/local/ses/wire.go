package ses

// The requests and answers of the SES API v2, with the fields that matter
// here (API Reference, SendEmail and SendBulkEmail).

type sendEmailInput struct {
	FromEmailAddress     string
	ReplyToAddresses     []string
	ConfigurationSetName string
	Destination          destination
	EmailTags            []nameValue
	Content              struct {
		Simple   *simple
		Raw      *struct{ Data []byte }
		Template *template
	}
}

type sendEmailOutput struct{ MessageId string }

type sendBulkEmailInput struct {
	FromEmailAddress     string
	ReplyToAddresses     []string
	ConfigurationSetName string
	DefaultEmailTags     []nameValue
	DefaultContent       struct{ Template *template }
	BulkEmailEntries     []bulkEntry
}

type bulkEntry struct {
	Destination             destination
	ReplacementTags         []nameValue
	ReplacementHeaders      []nameValue
	ReplacementEmailContent struct {
		ReplacementTemplate struct{ ReplacementTemplateData string }
	}
}

type sendBulkEmailOutput struct {
	BulkEmailEntryResults []bulkResult
}

type bulkResult struct {
	Status    string
	Error     string `json:",omitempty"`
	MessageId string `json:",omitempty"`
}

type destination struct {
	ToAddresses, CcAddresses, BccAddresses []string
}

type simple struct {
	Subject content
	Body    struct{ Text, Html content }
	Headers []nameValue
}

type content struct{ Data string }

type template struct {
	TemplateName    string
	TemplateArn     string
	TemplateContent *struct{ Subject, Text, Html string }
	TemplateData    string
	Headers         []nameValue
}

type nameValue struct{ Name, Value string }

func toMap(lists ...[]nameValue) map[string]string {
	m := map[string]string{}
	for _, list := range lists {
		for _, nv := range list {
			m[nv.Name] = nv.Value
		}
	}
	return m
}
