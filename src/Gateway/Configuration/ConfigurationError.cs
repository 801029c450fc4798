namespace Gateway.Configuration;

/// <summary>One thing that is wrong with a file, in words for the person who wrote it. Never holds a secret.</summary>
/// <param name="Line">From 1; 0 where the file as a whole is meant.</param>
/// <param name="Column">From 1; 0 where the file as a whole is meant.</param>
/// <param name="Setting">The path of the setting, such as <c>speakers[0].address</c>; empty where the file as a whole is meant.</param>
/// <param name="Message">What is wrong, one sentence.</param>
/// <param name="Remedy">What to do about it, one sentence.</param>
public sealed record ConfigurationError(string File, int Line, int Column, string Setting, string Message, string Remedy)
{
    /// <summary><c>file:line:column: setting: message remedy</c>, the form that editors jump to.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}:{Column}" : File;
        var setting = Setting.Length > 0 ? $" {Setting}:" : "";
        return $"{place}:{setting} {Message} {Remedy}".TrimEnd();
    }
}

/// <summary>A configuration, or everything that is wrong with it.</summary>
/// <param name="Configuration">Null exactly where <paramref name="Errors"/> is not empty.</param>
/// <param name="Warnings">Things that load, but hardly do what was meant.</param>
/// <param name="Ids">The ids that were made from names, by <c>kind:name</c> (name in lower case): what to store, and to give back as the known ids next time.</param>
public sealed record ConfigurationResult(
    TuttiConfiguration? Configuration,
    IReadOnlyList<ConfigurationError> Errors,
    IReadOnlyList<ConfigurationError> Warnings,
    IReadOnlyDictionary<string, string> Ids)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>Some other file's content, or everything that is wrong with it.</summary>
/// <param name="Value">Null exactly where <paramref name="Errors"/> is not empty.</param>
public sealed record LoadResult<T>(T? Value, IReadOnlyList<ConfigurationError> Errors) where T : class;
