package reasons

// Reasons that the decoder gives. The first that fits a text is its reason: the narrower stand before the wider.
var (
	// NotHere wraps another reason, and so stands first.
	NotHere         = reason("not_here", "{1}. The message itself is not here: it has about {2} bytes, more than {3} takes (max.message.bytes) or csatflow sends ({4}). It is in {5}, partition {6}, at offset {7} until retention removes it", "{1}。此处没有消息原文：约 {2} 字节，超过 {3} 的上限（max.message.bytes）或 csatflow 的发送上限（{4}）。在过期清除之前，它在 {5} 的分区 {6}、偏移量 {7}")
	MissingBoth     = reason("missing_both", "is missing, and so is {1}: one of them must be given", "缺失，{1} 也缺失：二者必须给出一个")
	MissingAll      = reason("missing_all", "is missing, and so are {1}: at least one of them must be given", "缺失，{1} 也缺失：至少须给出一个")
	Missing         = reason("missing", "is missing", "缺失")
	Empty           = reason("empty_message", "the message is empty (a tombstone?)", "消息为空（可能是删除标记）")
	NoFeed          = reason("no_feed", "no feed {1}", "没有数据流 {1}")
	Twice           = reason("twice", "is given twice", "重复给出")
	EmptyText       = reason("empty_text", "must not be empty", "不能为空")
	TooLong         = reason("too_long", "is longer than {1} characters", "超过 {1} 个字符")
	NumberTooLong   = reason("number_too_long", "has more than {1} characters[, is {2}]", "超过 {1} 个字符[，现为 {2}]")
	TooManyElements = reason("too_many_elements", "has more than {1} elements", "超过 {1} 个元素")
	TooManyAnswers  = reason("too_many_answers", "has more than {1} answers", "超过 {1} 个答案")
	TooManyOwn      = reason("too_many_attributes", "has more than {1} attributes", "超过 {1} 个自定义属性")
	QuestionName    = reason("question_name", "a question id has 1 to {1} characters", "问题编号须为 1 至 {1} 个字符")
	AttributeName   = reason("attribute_name", "the name of an attribute has 1 to {1} characters", "属性名称须为 1 至 {1} 个字符")
	NoTime          = reason("no_time", "must be an RFC 3339 time with a zone, as 2026-03-01T09:00:00.123Z or 2026-03-01T09:00:00+08:00, years 1970 to 2105, also in UTC[, is {1}]",
		"须为带时区的 RFC 3339 时间，如 2026-03-01T09:00:00.123Z 或 2026-03-01T09:00:00+08:00，年份（按 UTC 亦然）1970 至 2105[，现为 {1}]")
	NotWhole = reason("not_whole", "must be a whole number[, is {1}]", "须为整数[，现为 {1}]")
	// NoSuchWord is of enumerations to which an owner may add.
	NoSuchWord = reason("no_such_word", "must be one of {1}, or a word that {2} in the configuration adds[, is {3}]", "须为以下之一：{1}，或配置中 {2} 所添加的词[；现为 {3}]")
	NotOneOf   = reason("not_one_of", "must be one of {1}[, is {2}]", "须为以下之一：{1}[；现为 {2}]")
	Outside    = reason("outside", "must be {1} to {2}[, is {3}]", "须在 {1} 至 {2} 之间[，现为 {3}]")
	WrongType  = reason("wrong_type", "must be {1}[, is {2}]", "须为{1}[，现为{2}]")
	EndsEarly  = reason("ends_early", "not JSON: the document ends where {1} should be", "不是 JSON：文档在应有{1}之处结束")
	BadEscape  = reason("bad_escape", "not JSON: bad escape in a string at byte {1}", "不是 JSON：第 {1} 字节处的字符串有错误的转义")
	Control    = reason("control_character", "not JSON: control character in a string at byte {1}", "不是 JSON：第 {1} 字节处的字符串有控制字符")
	Unended    = reason("unended", "not JSON: a string does not end", "不是 JSON：字符串没有结束")
	Framed     = reason("framed", "not JSON: it begins with a zero byte, as Confluent's wire format does: name the topic's format in kafka.format or kafka.formats", "不是 JSON：以零字节开头，如同 Confluent 的传输格式：请在 kafka.format 或 kafka.formats 中指明该主题的格式")
	NotJSON    = reason("not_json", "not JSON: {1} at byte {2} where {3} should be", "不是 JSON：第 {2} 字节为 {1}，此处应有{3}")
	NotUTF8    = reason("not_utf8", "not UTF-8 at byte {1}", "第 {1} 字节不是 UTF-8")
	TooDeep    = reason("too_deep", "nested deeper than {1}", "嵌套超过 {1} 层")
)

// Reasons that the task and the reader of batches give.
var (
	OtherKey     = reason("other_key", "the message's key must be the same[: it is {1}, the field is {2}]", "消息的键必须与此相同[：键为 {1}，字段为 {2}]")
	OtherPlace   = reason("other_partition", "the key {1} belongs in partition {2} by {3}, and the message stands in partition {4}: the producer must find partitions as the others do (kafka.partitioner)", "键 {1} 按 {3} 应在分区 {2}，而消息在分区 {4}：生产者须与其他生产者用同样的方式选择分区（kafka.partitioner）")
	EarlyWord    = reason("early_word", "is {1}, a word of {2} that counts from offset {3} on: csatflow deadletter retry sends the message again, and then it counts", "为 {1}，即 {2} 的词，自偏移量 {3} 起才计入：用 csatflow deadletter retry 重新发送此消息，即可计入")
	TooManySteps = reason("too_many_steps", "the customer's complaints have {1} steps already, the most that are kept", "该顾客的投诉已有 {1} 个步骤，达到保留上限")
	Panic        = reason("panic", "csatflow could not apply it and panicked: {1}. This is a defect of csatflow: report it with this message", "csatflow 处理时发生内部错误：{1}。这是 csatflow 的缺陷：请连同此消息报告")
	Unreadable   = reason("unreadable", "the batch of offsets {1} to {2} ({3} messages, {4} bytes as stored) cannot be read: {5}. None of them is applied: send them again, in smaller batches", "偏移量 {1} 至 {2} 的批次（{3} 条消息，存储 {4} 字节）无法读取：{5}。其中消息均未处理：请以较小的批次重新发送")
	Decompressed = reason("decompressed", "it has more than {1} bytes when decompressed, which is refused lest it exhaust the memory", "解压后超过 {1} 字节，为免耗尽内存而拒绝")
	Decompress   = reason("decompress", "decompressing {1}: {2}", "解压 {1} 时出错：{2}")
	Headers      = reason("too_many_headers", "the message has {1} headers, more than the {2} that are taken; they are left out", "消息有 {1} 个标头，超过上限 {2}；标头已省略")
)

// What is wanted, or is there, in a document.
var (
	Object      = term("an object", "对象")
	Array       = term("an array", "数组")
	String      = term("a string", "字符串")
	Boolean     = term("a boolean", "布尔值")
	ANumber     = term("a number", "数字")
	Null        = term("null", "空值")
	NoValue     = term("no JSON value", "非 JSON 值")
	Value       = term("a value", "值")
	Digit       = term("a digit", "数字")
	Member      = term("a member name", "成员名称")
	DocumentEnd = term("the end of the document", "文档结尾")
	Colon       = term("':'", "“:”")
	CommaBrace  = term("',' or '}'", "“,”或“}”")
	CommaSquare = term("',' or ']'", "“,”或“]”")
)

// Reasons of values whose schemas a registry has.
var (
	NoSchema    = reason("no_schema", "the registry has no schema {1}, which the value names", "注册中心没有该值所指的模式 {1}")
	BadSchema   = reason("bad_schema", "the schema {1} of the registry cannot be used: {2}", "注册中心的模式 {1} 无法使用：{2}")
	OtherFormat = reason("other_format", "its schema {1} is of the format {2}, and the topic's is {3} ({4})", "其模式 {1} 的格式为 {2}，而主题的格式为 {3}（{4}）")
	NotOfSchema = reason("not_of_schema", "the value is not of schema {1}, which it names: {2}", "该值不符合其所指的模式 {1}：{2}")
	WireShort   = reason("wire_short", "not in Confluent's wire format: it has {1} bytes, and a zero byte and the four of a schema's id come first", "不是 Confluent 的传输格式：只有 {1} 字节，而开头应为一个零字节和模式编号的四个字节")
	NotWire     = reason("not_wire", "not in Confluent's wire format: it begins with the byte {1}, not with a zero byte and the id of a schema: if the topic has plain JSON, its format is json", "不是 Confluent 的传输格式：以字节 {1} 开头，而非零字节和模式编号：若主题是普通 JSON，其格式为 json")
	LargeAsJSON = reason("large_as_json", "as JSON it would have more than {1} bytes", "转为 JSON 后将超过 {1} 字节")
)
