using YamlDotNet.RepresentationModel;

namespace Gateway.Tests.Packaging;

/// <summary>A YAML file of the repository as a tree.</summary>
internal static class YamlFile
{
    public static YamlMappingNode Read(string relative) => Parse(RepositoryFiles.Text(relative));

    public static YamlMappingNode Parse(string yaml)
    {
        var stream = new YamlStream();
        using var text = new StringReader(yaml);
        stream.Load(text);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    public static string? Text(this YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    public static bool IsTrue(this YamlMappingNode map, string key) => map.Text(key) == "true";

    public static string[] List(this YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var value) ? [.. ((YamlSequenceNode)value).Select(v => ((YamlScalarNode)v).Value!)] : [];

    public static YamlMappingNode Map(this YamlMappingNode map, string key) => (YamlMappingNode)map.Children[key];

    public static string[] Keys(this YamlMappingNode map) => [.. map.Children.Keys.Select(k => ((YamlScalarNode)k).Value!)];
}
