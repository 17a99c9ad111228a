package document

// texts are the texts of the report, in English and Chinese.
var texts = map[string][2]string{
	"title":        {"CSI report", "顾客满意度指数报告"},
	"period":       {"Period", "时段"},
	"compared":     {"compared with the time from", "对比自"},
	"made":         {"made", "生成于"},
	"scope":        {"Scope", "范围"},
	"mean":         {"mean grade", "平均满意度"},
	"responses":    {"responses", "评价数"},
	"before":       {"before", "之前"},
	"during":       {"during the fall", "下滑期间"},
	"problem":      {"1. The problem", "一、问题界定"},
	"nothing":      {"Nothing happened: no scope fell by more than chance explains.", "未见异常：没有任何范围的下滑超出偶然波动。"},
	"largest":      {"The largest fall found", "所见最大下滑"},
	"fewer":        {"There are too few responses to tell.", "评价过少，无法判断。"},
	"fell":         {"fell", "下滑"},
	"instead":      {"instead of", "而应为"},
	"chance":       {"probability by chance, times the stretches looked at", "偶然概率（乘以检验次数）"},
	"others":       {"It also shows in", "同时见于"},
	"breakdown":    {"2. What carries the fall", "二、下滑分解"},
	"part":         {"part", "部分"},
	"share":        {"share of the fall", "占下滑比例"},
	"within":       {"by its own mean", "自身均值"},
	"mix":          {"by its weight", "评价占比"},
	"kitagawa":     {"What a part adds to the fall, in grades with standard error: by its own mean, and by its weight among the responses (Kitagawa 1955). Over all parts of a kind it adds up to the fall.", "各部分对下滑的贡献（满意度分值，附标准误）：自身均值的变化与其在评价中占比的变化（Kitagawa 1955）。同类各部分之和即为下滑。"},
	"disagree":     {"The mean and the order of the grades tell different stories", "均值与等级次序的结论不一致"},
	"order":        {"probability that a grade from before is higher (Brunner and Munzel 2000; 0.5 if neither)", "此前评分更高的概率（Brunner 与 Munzel 2000；无差异为0.5）"},
	"lowered":      {"mean before less mean now", "此前均值减现均值"},
	"causes":       {"3. What moved with it", "三、真正原因"},
	"nocause":      {"No answer, emotion or complaint moved with it by more than chance explains.", "没有任何评分、情绪或投诉的变化超出偶然波动。"},
	"measure":      {"measure", "指标"},
	"evidence":     {"evidence", "证据"},
	"matrix":       {"4. Importance and performance", "四、重要性与表现"},
	"importance":   {"importance (relative weight, share of R²)", "重要性（相对权重，R²份额）"},
	"performance":  {"performance (mean, 1 to 7)", "表现（均值，1至7）"},
	"quadrant":     {"quadrant", "象限"},
	"concentrate":  {"concentrate here", "优先改进"},
	"keep_up":      {"keep up", "继续保持"},
	"low_priority": {"low priority", "次要"},
	"uncertain":    {"uncertain", "不确定"},
	"johnson":      {"Importance is the part of the variance of the grade within stores that goes with a question beside the others of its scale (relative weights, Johnson 2000), with a 95 % interval by a bootstrap of customers. A question has no quadrant if chance may have set it on its side of a line.", "重要性为门店内满意度方差中由该问题（与同一量表其他问题并列）解释的部分（相对权重，Johnson 2000），附按顾客自助抽样的95%区间。若问题落在分界线哪一侧可能出于偶然，则不定象限。"},
	"overkill":     {"possible overkill", "可能过度"},
	"improvements": {"5. Improvements", "五、改进清单"},
	"gap":          {"closes gap", "缩小差距"},
	"csi":          {"6. The satisfaction index and what makes it", "六、满意度指数模型"},
	"csitext":      {"PLS path model of the comprehensive survey of the year up to the end of the period; 95 % bootstrap intervals.", "截至本期末一年综合调查的PLS路径模型；95% 自助法区间。"},
	"nocsi":        {"No model", "无法估计模型"},
	"latent":       {"variable", "变量"},
	"path":         {"path", "路径"},
	"coefficient":  {"coefficient", "系数"},
	"interval":     {"95 % interval", "95% 区间"},
	"per100":       {"complaints per 100 responses", "每百次评价投诉数"},
	"and":          {"to", "至"},
	"hourly":       {"Mean grade by hour", "每小时平均满意度"},
	"expected":     {"the others", "其他"},
	"none":         {"Nothing to improve follows from the period.", "本期没有得出改进项。"},
	"table":        {"few answers", "回答过少"},
	"n":            {"answers", "回答数"},
	"r2":           {"R²", "R²"},
}

// say returns a text in the report's language.
func (r *Document) say(key string) string {
	i := 0
	if r.Chinese {
		i = 1
	}
	return texts[key][i]
}
