package simulate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// WriteFiles writes a whole feed into dir, which it makes if need be: a file for each topic, like responses.jsonl, with one
// message a line in order of arrival, and truth.json. From time to time, and at the end, it calls progress (which may be
// nil) with the lines written and their final number, 0 if that is not known.
func WriteFiles(dir string, c Config, progress func(done, total int)) (*Truth, error) {
	feed, err := New(c)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the feed: %w", err)
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	topics := topicNames[:]
	if !c.SideTopics {
		topics = topics[:purchaseLine]
	}
	done := 0
	err = inFiles(dir, topics, map[string]*bufio.Writer{}, func(to map[string]*bufio.Writer) error {
		var e Event
		for feed.Next(&e) {
			_, err := to[e.Topic].Write(append(e.Value, '\n'))
			if err != nil {
				return fmt.Errorf("writing %s: %w", e.Topic, err)
			}
			if done++; done%10_000 == 0 {
				progress(done, c.Events)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	progress(done, c.Events)
	truth := feed.Truth()
	return truth, inFile(filepath.Join(dir, "truth.json"), func(w *bufio.Writer) error {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		if err := out.Encode(truth); err != nil {
			return fmt.Errorf("writing the truth: %w", err)
		}
		return nil
	})
}

// inFiles opens a file for each topic, and fills them together.
func inFiles(dir string, topics []string, open map[string]*bufio.Writer, fill func(map[string]*bufio.Writer) error) error {
	if len(topics) == 0 {
		return fill(open)
	}
	return inFile(filepath.Join(dir, topics[0]+".jsonl"), func(w *bufio.Writer) error {
		open[topics[0]] = w
		return inFiles(dir, topics[1:], open, fill)
	})
}

func inFile(name string, fill func(*bufio.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("creating a file of the feed: %w", err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing %s: %w", name, e)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<18)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
