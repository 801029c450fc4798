using Tmds.DBus.Protocol;
using Interfaces = System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, Tmds.DBus.Protocol.VariantValue>>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Something that the owner of the mirror has to take in.</summary>
internal abstract record BusEvent;

/// <summary><c>InterfacesAdded</c>.</summary>
internal sealed record ObjectAdded(string Path, Interfaces Interfaces) : BusEvent;

/// <summary><c>InterfacesRemoved</c>.</summary>
internal sealed record ObjectRemoved(string Path, IReadOnlyList<string> Interfaces) : BusEvent;

/// <summary><c>PropertiesChanged</c>.</summary>
internal sealed record PropertiesChanged(
    string Path, string Interface, Dictionary<string, VariantValue> Changed, IReadOnlyList<string> Invalidated) : BusEvent;

/// <summary>All objects were read anew.</summary>
internal sealed record ObjectsRead(IReadOnlyDictionary<string, Interfaces> Objects) : BusEvent;

/// <summary>BlueZ has other endpoints of ours than before.</summary>
internal sealed record EndpointsChanged : BusEvent
{
    public static EndpointsChanged Instance { get; } = new();
}

/// <summary>One of our own facts about a device changed (a connect began, its endpoint was configured ...): show it.</summary>
/// <param name="Shown">Ends when it is shown; null: nobody waits.</param>
internal sealed record FactsChanged(TaskCompletionSource? Shown = null) : BusEvent
{
    public static FactsChanged Instance { get; } = new();
}

/// <summary>Reads BlueZ's messages. A message of another shape than its documentation says is null, never an exception: that would end the connection.</summary>
internal static class BusReader
{
    public static BusEvent? Added(Message message, object? state)
    {
        if (message.SignatureAsString != "oa{sa{sv}}") return null;
        var reader = message.GetBodyReader();
        var path = reader.ReadObjectPathAsString();
        return new ObjectAdded(path, ReadInterfaces(ref reader));
    }

    public static BusEvent? Removed(Message message, object? state)
    {
        if (message.SignatureAsString != "oas") return null;
        var reader = message.GetBodyReader();
        return new ObjectRemoved(reader.ReadObjectPathAsString(), reader.ReadArrayOfString());
    }

    public static BusEvent? Changed(Message message, object? state)
    {
        if (message.SignatureAsString != "sa{sv}as" || message.PathAsString is not { } path) return null;
        var reader = message.GetBodyReader();
        var name = reader.ReadString();
        var changed = reader.ReadDictionaryOfStringToVariantValue();
        return new PropertiesChanged(path, name, changed, reader.ReadArrayOfString());
    }

    public static Dictionary<string, Interfaces> ManagedObjects(Message message, object? state)
    {
        var objects = new Dictionary<string, Interfaces>(StringComparer.Ordinal);
        if (message.SignatureAsString != "a{oa{sa{sv}}}") return objects;
        var reader = message.GetBodyReader();
        var end = reader.ReadDictionaryStart();
        while (reader.HasNext(end))
        {
            var path = reader.ReadObjectPathAsString();
            objects[path] = ReadInterfaces(ref reader);
        }

        return objects;
    }

    private static Interfaces ReadInterfaces(ref Reader reader)
    {
        var interfaces = new Interfaces(StringComparer.Ordinal);
        var end = reader.ReadDictionaryStart();
        while (reader.HasNext(end))
        {
            var name = reader.ReadString();
            interfaces[name] = reader.ReadDictionaryOfStringToVariantValue();
        }

        return interfaces;
    }
}
