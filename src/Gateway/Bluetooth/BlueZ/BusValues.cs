using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Properties of one interface, read without trust: a value of another type than expected is as good as absent.</summary>
internal static class BusValues
{
    public static string? Text(this IReadOnlyDictionary<string, VariantValue> values, string name) => Find(values, name) switch
    {
        { Type: VariantValueType.String } v => v.GetString(),
        { Type: VariantValueType.ObjectPath } v => v.GetObjectPathAsString(),
        _ => null,
    };

    public static bool Flag(this IReadOnlyDictionary<string, VariantValue> values, string name) =>
        Find(values, name) is { Type: VariantValueType.Bool } v && v.GetBool();

    /// <summary>Any of the integer types.</summary>
    public static long? Number(this IReadOnlyDictionary<string, VariantValue> values, string name) => Find(values, name) switch
    {
        { Type: VariantValueType.Byte } v => v.GetByte(),
        { Type: VariantValueType.Int16 } v => v.GetInt16(),
        { Type: VariantValueType.UInt16 } v => v.GetUInt16(),
        { Type: VariantValueType.Int32 } v => v.GetInt32(),
        { Type: VariantValueType.UInt32 } v => v.GetUInt32(),
        _ => null,
    };

    public static IReadOnlyList<string> Texts(this IReadOnlyDictionary<string, VariantValue> values, string name) =>
        Find(values, name) is { Type: VariantValueType.Array, ItemType: VariantValueType.String } v ? v.GetArray<string>() : [];

    public static byte[] Bytes(this IReadOnlyDictionary<string, VariantValue> values, string name) =>
        Find(values, name) is { Type: VariantValueType.Array, ItemType: VariantValueType.Byte } v ? v.GetArray<byte>() : [];

    /// <summary>Is a device paired with a lasting key? BlueZ also calls a device paired that wanted no key, which is possible while the adapter is not pairable.</summary>
    public static bool IsBonded(this IReadOnlyDictionary<string, VariantValue> device) => device.Flag("Paired") && device.Flag("Bonded");

    private static VariantValue? Find(IReadOnlyDictionary<string, VariantValue> values, string name) =>
        !values.TryGetValue(name, out var value) ? (VariantValue?)null
        : value.Type == VariantValueType.Variant ? value.GetVariantValue()
        : value;
}
