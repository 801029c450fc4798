using System.Collections.Frozen;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>
/// Letters of other alphabets in Latin ones, for ids: one simple, common way each (Russian as in passports without its rarer rules, Greek as ELOT 743, Georgian
/// as the national system, kana as Hepburn, Hangul letter by letter as Revised). Only alphabets: what a Chinese character sounds like is no table of a page.
/// </summary>
internal static class Transliteration
{
    private const string Letters =
        // Latin letters that decompose into nothing.
        "ø o ł l đ d ð d þ th ħ h ŧ t ŋ n ı i ĸ k ß ss æ ae œ oe ə e ŀ l ƒ f ɓ b ɖ d ɗ d ƙ k ɣ g ɩ i ɔ o ɛ e ʋ v ƴ y ʒ z "
        // Cyrillic; й, ё and their like decompose.
        + "а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю yu я ya "
        + "є ye і i ґ g ђ dj ј j љ lj њ nj ћ c џ dz ѕ dz ә a ғ g қ q ң n ө o ұ u ү u һ h җ j ҳ h ҷ ch ҝ g ҡ q ҫ s ҙ z "
        // Greek.
        + "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s τ t υ y φ f χ ch ψ ps ω o "
        // Georgian, Armenian.
        + "ა a ბ b გ g დ d ე e ვ v ზ z თ t ი i კ k ლ l მ m ნ n ო o პ p ჟ zh რ r ს s ტ t უ u ფ p ქ k ღ gh ყ q შ sh ჩ ch ც ts ძ dz წ ts ჭ ch ხ kh ჯ j ჰ h "
        + "ա a բ b գ g դ d ե e զ z է e ը y թ t ժ zh ի i լ l խ kh ծ ts կ k հ h ձ dz ղ gh ճ ch մ m յ y ն n շ sh ո o չ ch պ p ջ j ռ r ս s վ v տ t ր r ց ts ւ u փ p ք k օ o ֆ f "
        // Hebrew, Arabic with Persian and Urdu: what is written, so mostly without vowels.
        + "א a ב b ג g ד d ה h ו v ז z ח ch ט t י y כ k ך k ל l מ m ם m נ n ן n ס s ע a פ p ף p צ ts ץ ts ק k ר r ש sh ת t "
        + "ا a ب b ت t ث th ج j ح h خ kh د d ذ dh ر r ز z س s ش sh ص s ض d ط t ظ z ع a غ gh ف f ق q ك k ل l م m ن n ه h و w ي y ى a ة a ء - ٱ a "
        + "پ p چ ch ژ zh ک k گ g ی y ٹ t ڈ d ڑ r ں n ہ h ھ h ے e ـ - "
        // Kana; katakana are asked for as hiragana.
        + "あ a い i う u え e お o か ka き ki く ku け ke こ ko さ sa し shi す su せ se そ so た ta ち chi つ tsu て te と to な na に ni ぬ nu ね ne の no は ha ひ hi ふ fu へ he ほ ho "
        + "ま ma み mi む mu め me も mo や ya ゆ yu よ yo ら ra り ri る ru れ re ろ ro わ wa ゐ wi ゑ we を o ん n が ga ぎ gi ぐ gu げ ge ご go ざ za じ ji ず zu ぜ ze ぞ zo だ da ぢ ji づ zu で de ど do "
        + "ば ba び bi ぶ bu べ be ぼ bo ぱ pa ぴ pi ぷ pu ぺ pe ぽ po ゔ vu ぁ a ぃ i ぅ u ぇ e ぉ o ゃ ya ゅ yu ょ yo ゎ wa っ - ー - ";

    private const string HangulLeads = "g kk n d tt r m b pp s ss - j jj ch k t p h";
    private const string HangulVowels = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i";
    private const string HangulTails = "k k k n n n t l k m l l l p l m p p t t ng t t k t p t";

    private static readonly Lazy<FrozenDictionary<int, string>> s_latin = new(Read);

    /// <summary>The Latin letters for one letter in lower case, at times none; null: it is not known here.</summary>
    public static string? Of(Rune lower)
    {
        var katakana = lower.Value is >= 0x30A1 and <= 0x30F4;
        return s_latin.Value.GetValueOrDefault(katakana ? lower.Value - 0x60 : lower.Value);
    }

    private static FrozenDictionary<int, string> Read()
    {
        var latin = new Dictionary<int, string>();
        var words = Letters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i += 2) latin[Rune.GetRuneAt(words[i], 0).Value] = words[i + 1] == "-" ? "" : words[i + 1];
        foreach (var (first, list) in new[] { (0x1100, HangulLeads), (0x1161, HangulVowels), (0x11A8, HangulTails) })
        {
            var row = list.Split(' ');
            for (var i = 0; i < row.Length; i++) latin[first + i] = row[i] == "-" ? "" : row[i];
        }

        return latin.ToFrozenDictionary();
    }
}
