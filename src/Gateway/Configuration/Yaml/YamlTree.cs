using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Reads YAML text into <see cref="YamlValue"/>s from YamlDotNet's parser events. The object mapper is not used: it needs reflection, and
/// its errors know no place. Depth is checked on the events, before anything recurses; aliases are refused, so nothing can expand.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>The deepest setting of any of our files lies at 6.</summary>
    public const int MaxDepth = 32;

    private readonly Parser _parser;
    private readonly Problems _problems;
    private readonly Secrets? _secrets;

    private YamlTree(string text, Problems problems, Secrets? secrets)
    {
        // A directive on the last line is read past the text's end, two thousand million times, where no line break ends it and the text fills the parser's buffer.
        _parser = new Parser(new StringReader(text.LastIndexOf('%') > text.LastIndexOf('\n') ? text + '\n' : text));
        _problems = problems;
        _secrets = secrets;
    }

    /// <summary>The value of the only document; null where it is empty or a problem was added.</summary>
    /// <param name="secrets">Resolves <c>!env</c> and <c>!file</c>; null: this kind of file has no secrets.</param>
    public static YamlValue? Read(string text, Problems problems, Secrets? secrets = null)
    {
        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (FindControlCharacter(text, problems)) return null;
        text = WebCharacters.Check(text, problems);
        try
        {
            return new YamlTree(text, problems, secrets).Document();
        }
        catch (Exception e) when (e is TooDeepException or YamlException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            if (e is TooDeepException deep) problems.Add(Line(deep.Place), Column(deep.Place), "", $"Lists and settings are nested more than {MaxDepth} deep here.", "Close the brackets, or check the indentation.");
            else if (e is YamlException syntax) AddSyntaxError(text, syntax, problems);
            else problems.Add("The file is not valid YAML.", "Check brackets, quotes and indentation."); // the parser failed in a way of its own, whose text may quote the file
            return null;
        }
    }

    private YamlValue? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return null;
        _parser.Consume<DocumentStart>();
        var value = Value("", 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            _problems.Add(Line(second.Start), Column(second.Start), "", "A second document starts here.", "Keep everything in one document: remove the line ---.");
        }

        return value is YamlScalar { IsNull: true } ? null : value;
    }

    private YamlValue Value(string path, int depth)
    {
        if (_parser.Current is NodeEvent and not Scalar && depth >= MaxDepth) throw new TooDeepException(_parser.Current.Start);
        if (_parser.TryConsume<Scalar>(out var scalar)) return ReadScalar(scalar, path);
        if (_parser.TryConsume<SequenceStart>(out var list)) return ReadList(list, path, depth);
        if (_parser.TryConsume<MappingStart>(out var map)) return ReadMap(map, path, depth);
        var alias = _parser.Consume<AnchorAlias>();
        var unusable = new YamlUnusable(path, Line(alias.Start), Column(alias.Start));
        _problems.Add(unusable, $"References (*{Problems.Quote(alias.Value.Value).Trim('"')}) are not supported.", "Write the value out.");
        return unusable;
    }

    private YamlValue ReadScalar(Scalar scalar, string path)
    {
        var (line, column) = (Line(scalar.Start), Column(scalar.Start));
        if (scalar.Style == ScalarStyle.Plain && WebCharacters.IsQuoted(scalar.Value))
        {
            var quote = WebCharacters.NameOf(System.Text.Rune.GetRuneAt(scalar.Value, 0));
            _problems.Add(line, column, path, $"The text stands in typographic quotes: {quote} is a letter to YAML, and part of it.", "Write straight quotes (\") or none; where it is meant to be part of it, put straight ones around.");
        }

        if (IsOrdinary(scalar.Tag)) return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty, hidden: false, path, line, column);
        if (_secrets is null) return BadTag(scalar, path);
        var (text, message, remedy) = scalar.Tag.Value switch
        {
            "!env" => Secrets.FromEnvironment(scalar.Value.Trim()),
            "!file" => _secrets.FromFile(scalar.Value.Trim()),
            _ => (null, "", ""),
        };
        if (text is not null) return new YamlScalar(text, isPlain: false, hidden: true, path, line, column);
        if (message.Length == 0) return BadTag(scalar, path);
        var unusable = new YamlUnusable(path, line, column);
        _problems.Add(unusable, message, remedy);
        return unusable;
    }

    private YamlList ReadList(SequenceStart start, string path, int depth)
    {
        if (!IsOrdinary(start.Tag)) BadTag(start, path);
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Value($"{path}[{items.Count}]", depth + 1));
        return new YamlList(items, path, Line(start.Start), Column(start.Start));
    }

    private YamlMap ReadMap(MappingStart start, string path, int depth)
    {
        if (!IsOrdinary(start.Tag)) BadTag(start, path);
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(path, depth + 1);
            var name = (key as YamlScalar)?.Text ?? "?";
            var shortName = Problems.OneLine(name.Length > 60 ? name[..60] + "…" : name);
            var value = Value(path.Length == 0 ? shortName : $"{path}.{shortName}", depth + 1);
            if (key is not YamlScalar { Hidden: false } scalar)
            {
                if (key is not YamlUnusable) _problems.Add(key, $"The name of a setting must be plain text; {key.Found} was found.", "Write name: value.");
            }
            else if (!seen.TryAdd(name, scalar.Line))
            {
                _problems.Add(scalar.Line, scalar.Column, value.Path, $"{scalar.Shown} is set twice; the first is in line {seen[name]}.", "Keep one of the two.");
            }
            else
            {
                entries.Add(new YamlEntry(scalar, value));
            }
        }

        return new YamlMap(entries, path, Line(start.Start), Column(start.Start));
    }

    private YamlUnusable BadTag(NodeEvent node, string path)
    {
        var unusable = new YamlUnusable(path, Line(node.Start), Column(node.Start));
        var tag = Problems.Quote(node.Tag.Value).Trim('"');
        var remedy = _secrets is null ? "Write the value without it."
            : tag == "!secret" ? "That is Home Assistant's own tag. Use !file PATH for a file that holds the secret alone, or !env NAME for an environment variable."
            : "Use !env NAME or !file PATH, or write the value without it.";
        _problems.Add(unusable, $"The tag {tag} is not known here.", remedy);
        return unusable;
    }

    private static bool IsOrdinary(TagName tag) => tag.IsEmpty || tag.IsNonSpecific || tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal);

    private static bool FindControlCharacter(string text, Problems problems)
    {
        var (line, column) = (1, 1);
        foreach (var c in text)
        {
            if (c < ' ' && c is not ('\t' or '\n' or '\r') || c == '\x7F')
            {
                problems.Add(line, column, "", $"There is a control character (U+{(int)c:X4}) here.", "Remove it; the file must be plain text.");
                return true;
            }

            (line, column) = c == '\n' ? (line + 1, 1) : (line, column + 1);
        }

        return false;
    }

    private static void AddSyntaxError(string text, YamlException e, Problems problems)
    {
        var line = Line(e.Start);
        // The parser may notice a tab only when the construct around it does not end as it should.
        if (FirstTabIndentedLine(text, line - 1, Math.Max(line, Line(e.End)) + 1) is { } tab)
        {
            problems.Add(tab, 1, "", "The line is indented with a tab.", "Indent with blanks.");
            return;
        }

        problems.Add(line, Column(e.Start), "", $"The file is not valid YAML here ({Reason(e)}).", "Check brackets, quotes, colons and indentation in this line and the one above.");
    }

    private static int? FirstTabIndentedLine(string text, int from, int to)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (number >= from && number <= to && line[..(line.Length - line.TrimStart().Length)].Contains('\t')) return number;
        }

        return null;
    }

    /// <summary>The parser's own words name its tokens and at times an anchor or tag, never a value.</summary>
    private static string Reason(YamlException e)
    {
        var text = e.Message.Trim().TrimEnd('.');
        return text.Length == 0 ? "unknown" : Problems.Quote(char.ToLowerInvariant(text[0]) + text[1..]).Trim('"');
    }

    private static int Line(Mark mark) => (int)Math.Max(1, mark.Line);

    private static int Column(Mark mark) => (int)Math.Max(1, mark.Column);

    private sealed class TooDeepException(Mark place) : Exception
    {
        public Mark Place { get; } = place;
    }
}
