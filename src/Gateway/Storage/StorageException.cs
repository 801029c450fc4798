namespace Gateway.Storage;

/// <summary>Something could not be stored, or the data directory cannot be used: the reason and the remedy in whole sentences.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
