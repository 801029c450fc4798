namespace Gateway.Configuration.Yaml;

/// <summary>A value of a YAML file with its place (line and column from 1) and its path, such as <c>mqtt.url</c>.</summary>
internal abstract class YamlValue(string path, int line, int column)
{
    public string Path { get; } = path;
    public int Line { get; } = line;
    public int Column { get; } = column;

    /// <summary>"a list", for "found …"; never the content, which may be a secret.</summary>
    public abstract string Found { get; }
}

/// <param name="hidden">The text came from <c>!env</c> or <c>!file</c>: it must not appear in any message.</param>
internal sealed class YamlScalar(string text, bool isPlain, bool hidden, string path, int line, int column) : YamlValue(path, line, column)
{
    public string Text { get; } = text;
    public bool Hidden { get; } = hidden;

    /// <summary>YAML 1.2's null: nothing, <c>~</c> or <c>null</c> without quotes.</summary>
    public bool IsNull => isPlain && Text is ("" or "~" or "null" or "Null" or "NULL");

    public override string Found => IsNull ? "nothing" : "a single value";

    /// <summary>The text quoted for a message, or words in its place where it must not be shown.</summary>
    public string Shown => Hidden ? "the value" : Problems.Quote(Text);
}

internal sealed class YamlList(IReadOnlyList<YamlValue> items, string path, int line, int column) : YamlValue(path, line, column)
{
    public IReadOnlyList<YamlValue> Items { get; } = items;
    public override string Found => "a list";
}

internal sealed record YamlEntry(YamlScalar Key, YamlValue Value);

internal sealed class YamlMap(IReadOnlyList<YamlEntry> entries, string path, int line, int column) : YamlValue(path, line, column)
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;
    public override string Found => "a block of settings";
}

/// <summary>Something that was already reported; readers pass over it.</summary>
internal sealed class YamlUnusable(string path, int line, int column) : YamlValue(path, line, column)
{
    public override string Found => "something unusable";
}
