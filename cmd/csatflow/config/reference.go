package config

import (
	"fmt"
	"strings"

	"csatflow/schemas/keys"
)

// Reference returns schemas/CONFIGURATION.md.
func Reference() string {
	var b strings.Builder
	b.WriteString(`<!-- Made from cmd/csatflow/config/config.go by "go generate ./cmd/csatflow/config". Change that, not this. -->

# Configuration

Every key of the configuration file. Environment variables override the file: ` + "`CSATFLOW_`" + ` and the key in
capitals, with ` + "`_`" + ` for ` + "`.`" + ` (` + "`kafka.brokers`" + ` is ` + "`CSATFLOW_KAFKA_BROKERS`" + `); lists with commas or as in YAML, maps as in YAML.
` + "`csatflow config`" + ` prints the current values, and ` + "`csatflow config --example`" + ` a file to start from.
`)
	var top []keys.Key
	list := Keys()
	for _, k := range list {
		if !k.Section() {
			top = append(top, k)
		}
	}
	table(&b, "", top)
	for i := range list {
		if list[i].Section() {
			chapter(&b, &list[i], 2)
		}
	}
	return b.String()
}

// chapter writes a section, and those below it.
func chapter(b *strings.Builder, section *keys.Key, level int) {
	fmt.Fprintf(b, "\n%s %s\n\n%s\n", strings.Repeat("#", level), section.Path, section.Help)
	var own []keys.Key
	for _, k := range section.Keys {
		if !k.Section() {
			own = append(own, k)
		}
	}
	table(b, section.Path+keys.Delimiter, own)
	for i := range section.Keys {
		if section.Keys[i].Section() {
			chapter(b, &section.Keys[i], level+1)
		}
	}
}

func table(b *strings.Builder, prefix string, list []keys.Key) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n| Key | Meaning | Values | Default | Example |\n|---|---|---|---|---|\n")
	for i := range list {
		k := &list[i]
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", strings.TrimPrefix(k.Path, prefix), cell(k.Help), cell(k.Facts()), code(k.Default), code(k.Example))
	}
}

func cell(text string) string { return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text) }

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}
