using System.Text.Json;

namespace Gateway.Configuration.Supervisor;

/// <summary>
/// What the user entered on the app's (add-on's) configuration page: the members of <c>options.json</c>, whose schema is in
/// <c>ha-addon/config.yaml</c>. Empty fields are null.
/// </summary>
/// <param name="MqttUrl"><c>mqtt[s]://host[:port]</c>.</param>
/// <param name="MediaDirectory">What <c>audio.media_dir</c> is where the configuration does not say.</param>
/// <param name="Configuration">The text of a <c>tutti.yaml</c>.</param>
internal sealed record AppOptions(string? GatewayName, string? MqttUrl, string? MqttUsername, string? MqttPassword, string? MediaDirectory, string? Configuration)
{
    public static AppOptions None { get; } = new(null, null, null, null, null, null);

    /// <summary>Records print their members; this one must not print its secrets.</summary>
    public override string ToString() => $"AppOptions {{ {GatewayName} }}";

    /// <summary>Reads <c>/data/options.json</c>; one that does not exist is the same as an empty one.</summary>
    /// <exception cref="InvalidDataException">It is not what the Supervisor writes; the reason and the remedy.</exception>
    public static AppOptions Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var document = JsonDocument.Parse(file);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw Broken(path, "it holds no object.");
            }

            return new AppOptions(
                Text(root, "gateway_name"), Text(root, "mqtt_url"), Text(root, "mqtt_username"), Text(root, "mqtt_password"), Text(root, "media_dir"), Text(root, "configuration"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return e is FileNotFoundException or DirectoryNotFoundException ? None : throw Broken(path, e.Message);
        }

        string? Text(JsonElement root, string name)
        {
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind != JsonValueKind.String)
            {
                throw Broken(path, $"{name} is no text.");
            }

            var text = value.GetString()!.Trim();
            return text.Length == 0 ? null : text;
        }
    }

    private static InvalidDataException Broken(string path, string reason) =>
        new($"The app's options in {path} cannot be read: {reason} Save them again on the app's Configuration page.");
}
