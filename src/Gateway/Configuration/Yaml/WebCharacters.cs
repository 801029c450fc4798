using System.Globalization;
using System.Text;
using Gateway.Engine.Text;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Characters that come along when YAML is copied from a web page, a chat or a word processor: they look like a blank, a hyphen, a colon or a
/// quote, or like nothing, and are letters to YAML. Where they stand for its own marks (indentation, dash, key, colon) each is named with its place, and
/// read as what it looks like, so that everything else that is wrong can be told too. Inside of values they are left alone: names compare as people read them.
/// </summary>
internal static class WebCharacters
{
    private const string FromTheWeb = "Text copied from a web page or chat often holds such characters.";

    private static readonly Dictionary<int, string> s_names = new()
    {
        [0x85] = "next line", [0xA0] = "no-break space", [0xAD] = "soft hyphen", [0xB7] = "middle dot", [0x1680] = "ogham space", [0x180E] = "vowel separator", [0x2000] = "en quad", [0x2001] = "em quad",
        [0x2002] = "en space", [0x2003] = "em space", [0x2004] = "third of an em space", [0x2005] = "quarter of an em space", [0x2006] = "sixth of an em space", [0x2007] = "figure space",
        [0x2008] = "punctuation space", [0x2009] = "thin space", [0x200A] = "hair space", [0x200B] = "zero-width space", [0x200C] = "zero-width non-joiner", [0x200D] = "zero-width joiner",
        [0x200E] = "left-to-right mark", [0x200F] = "right-to-left mark", [0x2010] = "typographic hyphen", [0x2011] = "no-break hyphen", [0x2012] = "figure dash", [0x2013] = "en dash", [0x2014] = "em dash",
        [0x2015] = "horizontal bar", [0x2018] = "opening quote", [0x2019] = "closing quote", [0x201A] = "low quote", [0x201C] = "opening double quote", [0x201D] = "closing double quote", [0x201E] = "low double quote",
        [0x2022] = "bullet", [0x2028] = "line separator", [0x2029] = "paragraph separator", [0x202F] = "narrow no-break space", [0x205F] = "mathematical space", [0x2060] = "word joiner",
        [0x2212] = "minus sign", [0x2236] = "ratio sign", [0x2800] = "empty braille pattern", [0x3000] = "ideographic space", [0x3164] = "Hangul filler", [0xA789] = "colon letter", [0xFE55] = "small colon",
        [0xFE63] = "small hyphen", [0xFEFF] = "byte order mark", [0xFF0D] = "full-width hyphen", [0xFF1A] = "full-width colon",
    };

    /// <summary>The text with plain characters in the places of YAML's marks; each that was not plain is a problem.</summary>
    public static string Check(string text, Problems problems)
    {
        if (Ascii.IsValid(text)) return text;
        var mended = new StringBuilder(text.Length);
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (number++ > 0) mended.Append('\n');
            var line = text[range];
            mended.Append(Ascii.IsValid(line) ? line : new Line(line, number, problems).Mend());
        }

        return mended.ToString();
    }

    /// <summary>The first character of a value that cannot be seen for what it is, as <c>a no-break space (U+00A0)</c>; null: there is none.</summary>
    public static (int At, string What)? FindHidden(string value)
    {
        var at = 0;
        foreach (var rune in value.EnumerateRunes())
        {
            if (IsLikeBlank(rune) || ReadableText.IsInvisible(rune)) return (at, NameOf(rune));
            at += rune.Utf16SequenceLength;
        }

        return null;
    }

    /// <summary>Is the text put between typographic quotes, as a word processor writes them?</summary>
    public static bool IsQuoted(string text) => text.Length >= 2 && text[0] is '“' or '”' or '„' or '‟' or '«' or '‘' or '’' or '‚' or '‛' or '‹' && text[^1] is '“' or '”' or '‟' or '»' or '’' or '‘' or '›';

    public static string NameOf(Rune rune)
    {
        var name = s_names.GetValueOrDefault(rune.Value) ?? (ReadableText.IsInvisible(rune) ? "invisible character" : "character");
        return string.Create(CultureInfo.InvariantCulture, $"{(name[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a")} {name} (U+{rune.Value:X4})");
    }

    private static bool IsLikeBlank(Rune rune) => ReadableText.IsBlank(rune) && rune.Value is not (' ' or '\t' or '\r' or '\n');

    private static bool IsLikeNothing(Rune rune) => IsLikeBlank(rune) || ReadableText.IsInvisible(rune);

    private static bool IsLikeDash(Rune rune) => rune.Value is '•' or '·' or '−' || (rune.Value != '-' && Rune.GetUnicodeCategory(rune) == UnicodeCategory.DashPunctuation);

    /// <summary>One line, read from its left.</summary>
    private sealed class Line(string text, int number, Problems problems)
    {
        private readonly StringBuilder _mended = new(text.Length);
        private int _at;

        private bool AtEnd => _at >= text.Length || text[_at] == '\r';

        private Rune Here => Rune.DecodeFromUtf16(text.AsSpan(_at), out var rune, out _) == System.Buffers.OperationStatus.Done ? rune : Rune.ReplacementChar;

        public string Mend()
        {
            Begin();
            if (!AtEnd) Key();
            if (!AtEnd && text[_at] is '{' or '[') Flow();
            return _mended.Append(text, _at, text.Length - _at).ToString();
        }

        /// <summary>Indentation and dashes of list entries.</summary>
        private void Begin()
        {
            for (var where = "indents this line"; !AtEnd; where = "follows the dash")
            {
                Gap($"{where}, and is no blank to YAML");
                if (AtEnd) return;
                var next = _at + Here.Utf16SequenceLength;
                var isFollowed = next >= text.Length || text[next] is ' ' or '\t' or '\r' || (Rune.DecodeFromUtf16(text.AsSpan(next), out var follower, out _) == System.Buffers.OperationStatus.Done && IsLikeNothing(follower));
                if (!isFollowed || !(Here.Value == '-' || IsLikeDash(Here))) return;
                if (Here.Value != '-') Add("begins an entry of this list, where YAML wants a hyphen", "Write a plain hyphen (-) and a blank.");
                _mended.Append('-');
                _at = next;
            }
        }

        /// <summary>Blanks; those that are none become some, those that are nothing become nothing.</summary>
        private void Gap(string fault)
        {
            var reported = false;
            for (; !AtEnd; _at += Here.Utf16SequenceLength)
            {
                if (text[_at] is ' ' or '\t')
                {
                    _mended.Append(text[_at]);
                    continue;
                }

                if (!IsLikeNothing(Here)) return;
                if (!reported) Add(fault, IsLikeBlank(Here) ? "Write plain blanks." : "Delete it.");
                reported = true;
                if (IsLikeBlank(Here)) _mended.Append(' ');
            }
        }

        /// <summary>A setting's name, its colon and the blank behind it. All our settings have plain names: what is none is left alone.</summary>
        private void Key()
        {
            var end = _at;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_' || IsLikeNothingAt(end))) end++;
            while (end < text.Length && text[end] == ' ') end++;
            if (end == _at || end >= text.Length || !char.IsAsciiLetter(text[_at])) return;
            var isColon = text[end] == ':' && (end + 1 >= text.Length || text[end + 1] is ' ' or '\t' or '\r' || IsLikeNothingAt(end + 1));
            // Names of people's devices may hold any colon; settings are written in small letters.
            if (!isColon && !(IsLikeColonAt(end) && char.IsAsciiLetterLower(text[_at]))) return;
            var reported = false;
            for (; _at < end; _at++)
            {
                if (!IsLikeNothingAt(_at)) _mended.Append(text[_at]);
                else if (!reported) Add("is part of this setting's name", "Delete it.");
                reported |= IsLikeNothingAt(_at);
            }

            if (!isColon) Add("stands behind this setting's name, where YAML wants a colon", "Write a plain colon (:) and a blank.");
            _mended.Append(isColon ? ":" : ": ");
            _at++;
            // Behind a plain blank the value has begun.
            if (!AtEnd && text[_at] is not (' ' or '\t')) Gap("follows the colon, and is no blank to YAML");
            for (; !AtEnd && text[_at] is ' ' or '\t'; _at++) _mended.Append(text[_at]);
        }

        private bool IsLikeColonAt(int at) => text[at] is '\uFF1A' or '\uFE55' or '\uA789' or '\u2236';

        private bool IsLikeNothingAt(int at) => !char.IsSurrogate(text[at]) && IsLikeNothing(new Rune(text[at]));

        /// <summary>Settings between braces: each begins behind a brace or comma.</summary>
        private void Flow()
        {
            char? quote = null;
            while (!AtEnd)
            {
                var c = text[_at];
                _mended.Append(c);
                _at++;
                if (quote is not null) quote = c == quote ? null : quote;
                else if (c is '"' or '\'') quote = c;
                else if (c is '{' or ',' or '[') FlowKey();
            }
        }

        private void FlowKey()
        {
            var start = _at;
            while (_at < text.Length && (text[_at] == ' ' || IsLikeNothingAt(_at))) _at++;
            var word = _at;
            while (word < text.Length && (char.IsAsciiLetterOrDigit(text[word]) || text[word] == '_' || IsLikeNothingAt(word))) word++;
            var isKey = word > _at && word < text.Length && (text[word] == ':' || IsLikeColonAt(word));
            _at = start;
            if (!isKey) return;
            Gap("stands before this setting's name, and is no blank to YAML");
            Key();
        }

        private void Add(string fault, string remedy) => problems.Add(number, _at + 1, "", Sentence($"{NameOf(Here)} {fault}."), $"{remedy} {FromTheWeb}");

        private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
    }
}
