package intake

import (
	"go.yaml.in/yaml/v3"
)

// hidden is printed instead of a secret.
const hidden = "***"

// MarshalYAML implements [yaml.Marshaler]; secrets are hidden.
func (d *Declaration) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	put(n, "use", d.Use)
	if len(d.Rules) == 1 {
		n.Content = append(n.Content, d.Rules[0].node().Content...)
	} else if len(d.Rules) > 1 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range d.Rules {
			list.Content = append(list.Content, d.Rules[i].node())
		}
		add(n, "events", list)
	}
	a := &d.Access
	if len(a.TokenHashes) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, t := range a.TokenHashes {
			list.Content = append(list.Content, scalar(t))
		}
		add(n, "token_hashes", list)
	}
	if a.Insecure {
		add(n, "insecure", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	putSecret(n, "webhook_secret", a.WebhookSecret, a.WebhookSecretFile)
	if h := &a.HMAC; h.Header != "" {
		m := &yaml.Node{Kind: yaml.MappingNode}
		put(m, "header", h.Header)
		put(m, "algorithm", h.Algorithm)
		put(m, "encoding", h.Encoding)
		put(m, "prefix", h.Prefix)
		put(m, "content", h.Content)
		put(m, "timestamp", h.Timestamp)
		putSecret(m, "secret", h.Secret, h.SecretFile)
		add(n, "hmac", m)
	}
	return n, nil
}

func (r *Rule) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	put(n, "when", r.When.Text)
	put(n, "each", r.Each.Text)
	put(n, "to", r.To)
	if len(r.Fields) > 0 {
		add(n, "fields", fieldsNode(r.Fields))
	}
	return n
}

func fieldsNode(list []Field) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := range list {
		if list[i].Members != nil {
			add(n, list[i].Name, fieldsNode(list[i].Members))
		} else {
			add(n, list[i].Name, scalar(list[i].Source.Text))
		}
	}
	return n
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

func add(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = append(n.Content, scalar(key), value)
}

func put(n *yaml.Node, key, text string) {
	if text != "" {
		add(n, key, scalar(text))
	}
}

func putSecret(n *yaml.Node, key, value, file string) {
	switch {
	case file != "":
		put(n, key+"_file", file)
	case value != "":
		put(n, key, hidden)
	}
}
