using System.Text;

namespace Gateway.Configuration.Yaml;

/// <summary>Collects what is wrong with one file. A hostile file must not make a report longer than itself, so it stops at <see cref="Limit"/>.</summary>
internal sealed class Problems(string file)
{
    public const int Limit = 100;

    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationError> _warnings = [];

    public IReadOnlyList<ConfigurationError> Warnings => _warnings;

    /// <summary>No further error is kept: the work of wording one can be saved.</summary>
    public bool IsFull => _errors.Count > Limit;

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<ConfigurationError> Errors => [.. _errors.OrderBy(e => e.Line == 0 ? int.MaxValue : e.Line).ThenBy(e => e.Column)];

    public void Add(YamlValue at, string message, string remedy) => Add(at.Line, at.Column, at.Path, message, remedy);

    public void Add(string message, string remedy) => Add(0, 0, "", message, remedy);

    public void Add(int line, int column, string setting, string message, string remedy)
    {
        if (IsFull) return;
        _errors.Add(_errors.Count < Limit
            ? new ConfigurationError(file, line, column, setting, message, remedy)
            : new ConfigurationError(file, 0, 0, "", $"There are more than {Limit} errors; the others are not listed.", "Mend these first."));
    }

    public void Warn(YamlValue at, string message, string remedy)
    {
        if (_warnings.Count < Limit) _warnings.Add(new ConfigurationError(file, at.Line, at.Column, at.Path, message, remedy));
    }

    /// <summary>A text of the file as it may stand in a message: quoted, on one line, at most 60 characters.</summary>
    public static string Quote(string text)
    {
        var cut = text.Length > 60 ? text[..60] + "…" : text;
        var quoted = new StringBuilder("\"");
        foreach (var c in cut) quoted.Append(char.IsControl(c) || char.IsSurrogate(c) ? '·' : c);
        return quoted.Append('"').ToString();
    }

    /// <summary>A text of the file that stands there unquoted, such as the path of a setting.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '·' : c)) : text;
}
